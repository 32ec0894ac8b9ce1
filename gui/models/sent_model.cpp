#include "gui/models/sent_model.h"

#include "gui/models/figures.h"

namespace signalbox::gui {

void SentModel::add(SentRow row) {
    if (rows_.size() >= kLimit) {
        int const last = static_cast<int>(rows_.size()) - 1;
        beginRemoveRows({}, last, last);
        rows_.pop_back();
        endRemoveRows();
    }
    beginInsertRows({}, 0, 0);
    rows_.push_front(std::move(row));
    endInsertRows();
}

SentRow const* SentModel::rowAt(int row) const {
    bool const inside = row >= 0 && static_cast<std::size_t>(row) < rows_.size();
    return inside ? &rows_[static_cast<std::size_t>(row)] : nullptr;
}

SentRow* SentModel::find(JobToken token, int& row) {
    for (std::size_t i = 0; i < rows_.size(); ++i) {
        if (rows_[i].token == token) {
            row = static_cast<int>(i);
            return &rows_[i];
        }
    }
    return nullptr;
}

void SentModel::progress(JobToken token, int done) {
    int row = 0;
    if (SentRow* const sent = find(token, row)) {
        sent->done = done;
        emit dataChanged(index(row, Result), index(row, Result));
    }
}

void SentModel::finish(JobToken token, SentRow::State state, QString const& result,
                       std::optional<host::Reply> const& reply) {
    int row = 0;
    if (SentRow* const sent = find(token, row)) {
        sent->state = state;
        sent->result = result;
        if (reply) {
            sent->reply = *reply;
        }
        emit dataChanged(index(row, 0), index(row, kColumns - 1));
    }
}

int SentModel::rowCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int SentModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant SentModel::data(QModelIndex const& index, int role) const {
    SentRow const* row = rowAt(index.row());
    if (row == nullptr) {
        return {};
    }
    switch (role) {
        case Qt::DisplayRole:
        case Qt::AccessibleTextRole:
        case Qt::ToolTipRole:
            return text(*row, index.column());
        case Qt::TextAlignmentRole:
            return int((index.column() == Size ? Qt::AlignRight : Qt::AlignLeft) |
                       Qt::AlignVCenter);
        case ToneRole:
            if (index.column() == Time || index.column() == Kind) {
                return static_cast<int>(Tone::Muted);
            }
            if (index.column() == Result) {
                switch (row->state) {
                    case SentRow::State::UnderWay:
                        return static_cast<int>(Tone::Muted);
                    case SentRow::State::Sent:
                    case SentRow::State::Answered:
                        return static_cast<int>(Tone::Good);
                    case SentRow::State::NoResponders:
                        return static_cast<int>(Tone::Warning);
                    case SentRow::State::Failed:
                        return static_cast<int>(Tone::Error);
                }
            }
            return static_cast<int>(Tone::Plain);
        default:
            return {};
    }
}

QString SentModel::text(SentRow const& row, int column) const {
    switch (column) {
        case Time:
            return row.time.toString(QStringLiteral("HH:mm:ss"));
        case Kind:
            return row.request ? tr("request") : tr("publish");
        case Subject:
            return wireText(row.message.subject);
        case Size:
            return shortBytes(static_cast<double>(row.message.payload.size()));
        case Result:
            if (row.state == SentRow::State::UnderWay) {
                return row.times > 1 ? tr("%1 of %2").arg(row.done).arg(row.times)
                                     : tr("under way");
            }
            return row.result;
        default:
            return {};
    }
}

QVariant SentModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return int((section == Size ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Time:
            return tr("Time");
        case Kind:
            return tr("Kind");
        case Subject:
            return tr("Subject");
        case Size:
            return tr("Size");
        case Result:
            return tr("Result");
        default:
            return {};
    }
}

}  // namespace signalbox::gui
