#include "gui/models/closed_connection_model.h"

#include "gui/models/connection_model.h"
#include "gui/models/figures.h"

namespace signalbox::gui {

namespace {

bool isWords(int column) {
    return column == ClosedConnectionModel::Name || column == ClosedConnectionModel::Address ||
           column == ClosedConnectionModel::Client || column == ClosedConnectionModel::Reason;
}

/// For how long, where `now` would be no answer.
QString lasted(qint64 milliseconds) {
    return milliseconds < 1'000 ? shortDuration(base::milliseconds(milliseconds))
                                : ago(milliseconds);
}

/// Whether a close is what one expects of a client that is done.
bool isOrdinary(std::string const& reason) {
    return reason.find("Client Closed") != std::string::npos ||
           reason.find("Client closed") != std::string::npos;
}

}  // namespace

void ClosedConnectionModel::show(Rows const& rows) {
    if (rows == rows_) {
        return;
    }
    std::size_t const had = rows_ ? rows_->size() : 0;
    std::size_t const has = rows ? rows->size() : 0;
    // Newest last in the snapshot, so what was added stands at the top here. Past its bound the
    // list is as long as before and moved: then all is new.
    bool const grown =
        had < has && (had == 0 || ((*rows)[had - 1].identity == (*rows_)[had - 1].identity &&
                                   (*rows)[0].identity == (*rows_)[0].identity));
    if (grown) {
        beginInsertRows({}, 0, static_cast<int>(has - had) - 1);
        rows_ = rows;
        endInsertRows();
        return;
    }
    beginResetModel();
    rows_ = rows;
    endResetModel();
}

observe::ClosedConnectionRow const* ClosedConnectionModel::rowAt(int row) const {
    if (!rows_ || row < 0 || static_cast<std::size_t>(row) >= rows_->size()) {
        return nullptr;
    }
    return &(*rows_)[rows_->size() - 1 - static_cast<std::size_t>(row)];
}

int ClosedConnectionModel::rowCount(QModelIndex const& parent) const {
    return parent.isValid() || !rows_ ? 0 : static_cast<int>(rows_->size());
}

int ClosedConnectionModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant ClosedConnectionModel::data(QModelIndex const& index, int role) const {
    observe::ClosedConnectionRow const* row = rowAt(index.row());
    if (row == nullptr || row->identity == nullptr) {
        return {};
    }
    switch (role) {
        case Qt::DisplayRole:
        case Qt::AccessibleTextRole:
            return text(*row, index.column());
        case Qt::ToolTipRole:
            return index.column() == Closed ? dateText(row->stop) : connectionText(*row->identity);
        case Qt::TextAlignmentRole:
            return int((isWords(index.column()) ? Qt::AlignLeft : Qt::AlignRight) |
                       Qt::AlignVCenter);
        case ToneRole:
            switch (index.column()) {
                case Reason:
                    return static_cast<int>(isOrdinary(row->reason) ? Tone::Plain : Tone::Warning);
                case Cid:
                case Lasted:
                    return static_cast<int>(Tone::Muted);
                case Name:
                    return static_cast<int>(row->identity->name.empty() ? Tone::Muted
                                                                        : Tone::Plain);
                default:
                    return static_cast<int>(Tone::Plain);
            }
        default:
            return {};
    }
}

QString ClosedConnectionModel::text(observe::ClosedConnectionRow const& row, int column) const {
    switch (column) {
        case Cid:
            return QString::number(row.identity->cid);
        case Name:
            return row.identity->name.empty() ? tr("unnamed") : wireText(row.identity->name);
        case Address:
            return QStringLiteral("%1:%2").arg(wireText(row.identity->ip)).arg(row.identity->port);
        case Client:
            return clientText(*row.identity);
        case Reason:
            return wireText(row.reason);
        case Closed:
            return clockText(row.stop);
        case Lasted:
            return lasted(millisecondsOf(row.stop) - millisecondsOf(row.identity->start));
        case MsgsIn:
            return shortCount(static_cast<double>(row.in_msgs));
        case MsgsOut:
            return shortCount(static_cast<double>(row.out_msgs));
        case BytesIn:
            return shortBytes(static_cast<double>(row.in_bytes));
        case BytesOut:
            return shortBytes(static_cast<double>(row.out_bytes));
        case Subscriptions:
            return exactCount(row.subscriptions);
        default:
            return {};
    }
}

QVariant ClosedConnectionModel::headerData(int section, Qt::Orientation orientation,
                                           int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= kColumns) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return int((isWords(section) ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    QString const names[kColumns] = {tr("Id"),       tr("Name"),     tr("Address"),   tr("Client"),
                                     tr("Reason"),   tr("Closed"),   tr("Lasted"),    tr("Msgs in"),
                                     tr("Msgs out"), tr("Bytes in"), tr("Bytes out"), tr("Subs")};
    return names[section];
}

}  // namespace signalbox::gui
