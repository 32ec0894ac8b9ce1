#include "gui/models/busy_model.h"

#include "gui/models/figures.h"

namespace signalbox::gui {

BusyModel::BusyModel(QString nameTitle, QObject* parent)
    : LiveRows(parent), nameTitle_(std::move(nameTitle)) {}

void BusyModel::showSubjects(std::vector<observe::BusySubject> const& subjects) {
    std::vector<BusyRow> rows;
    rows.reserve(subjects.size());
    for (observe::BusySubject const& subject : subjects) {
        rows.push_back({.key = qHash(QByteArray::fromStdString(subject.subject)),
                        .name = wireText(subject.subject),
                        .msgsPerSecond = subject.msgs_per_second,
                        .bytesPerSecond = subject.bytes_per_second});
    }
    show(std::move(rows));
}

void BusyModel::showConnections(std::vector<observe::ConnectionRow> const& connections) {
    auto const rate = [](observe::ConnectionRow const& row) {
        return row.in_msgs.per_second + row.out_msgs.per_second;
    };
    std::vector<observe::ConnectionRow const*> busiest;
    for (observe::ConnectionRow const& row : connections) {
        if (row.identity != nullptr && (rate(row) > 0 || row.slow)) {
            busiest.push_back(&row);
        }
    }
    std::size_t const count = std::min(busiest.size(), kLength);
    std::ranges::partial_sort(busiest, busiest.begin() + static_cast<std::ptrdiff_t>(count),
                              std::ranges::greater{}, [&](auto const* row) { return rate(*row); });
    std::vector<BusyRow> rows;
    rows.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        observe::ConnectionRow const& row = *busiest[i];
        QString const name = row.identity->name.empty() ? tr("connection %1").arg(row.identity->cid)
                                                        : wireText(row.identity->name);
        rows.push_back({.key = row.identity->cid,
                        .name = name,
                        .msgsPerSecond = rate(row),
                        .bytesPerSecond = row.in_bytes.per_second + row.out_bytes.per_second,
                        .slow = row.slow});
    }
    show(std::move(rows));
}

void BusyModel::show(std::vector<BusyRow> rows) {
    most_ = 0;
    for (BusyRow const& row : rows) {
        most_ = std::max(most_, row.msgsPerSecond);
    }
    replaceRows(std::move(rows));
}

int BusyModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant BusyModel::data(QModelIndex const& index, int role) const {
    BusyRow const* row = rowAt(index.row());
    if (row == nullptr) {
        return {};
    }
    switch (role) {
        case Qt::DisplayRole:
        case Qt::AccessibleTextRole:
            switch (index.column()) {
                case Name:
                    return row->name;
                case MsgRate:
                    return rateCell(row->msgsPerSecond);
                case ByteRate:
                    return byteRateCell(row->bytesPerSecond);
                default:
                    return {};
            }
        case Qt::ToolTipRole:
            return row->name;
        case Qt::TextAlignmentRole:
            return int((index.column() == Name ? Qt::AlignLeft : Qt::AlignRight) |
                       Qt::AlignVCenter);
        case FractionRole:
            return index.column() == MsgRate && most_ > 0 ? QVariant(row->msgsPerSecond / most_)
                                                          : QVariant();
        case BadgesRole:
            return index.column() == Name && row->slow
                       ? QVariant::fromValue(Badges{{tr("slow"), Tone::Warning}})
                       : QVariant();
        default:
            return {};
    }
}

QVariant BusyModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        return int((section == Name ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Name:
            return nameTitle_;
        case MsgRate:
            return tr("Msg/s");
        case ByteRate:
            return tr("B/s");
        default:
            return {};
    }
}

}  // namespace signalbox::gui
