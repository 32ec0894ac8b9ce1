#include "gui/models/jetstream/stored_message_model.h"

#include "gui/models/figures.h"
#include "gui/models/payload_text.h"

#include <algorithm>

namespace signalbox::gui {

namespace {

int alignmentOf(int column) {
    bool const number = column == StoredMessageModel::Sequence ||
                        column == StoredMessageModel::Size || column == StoredMessageModel::Headers;
    return int((number ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
}

}  // namespace

QString payloadPreview(std::string const& payload) {
    constexpr std::size_t kMost = 160;
    constexpr std::size_t kMostBytes = 24;
    std::string head = payload.substr(0, kMost);
    // A character may be cut in two at the end.
    while (head.size() < payload.size() && !head.empty() && !isText(head) &&
           head.size() + 4 > kMost) {
        head.pop_back();
    }
    if (isText(head)) {
        return wireText(head).simplified();
    }
    QByteArray const bytes = QByteArray::fromStdString(payload.substr(0, kMostBytes));
    QString const hex = QString::fromLatin1(bytes.toHex(' '));
    return payload.size() > kMostBytes ? hex + QStringLiteral(" …") : hex;
}

void StoredMessageModel::show(Rows rows) {
    beginResetModel();
    rows_ = std::move(rows);
    endResetModel();
}

void StoredMessageModel::append(Rows const& rows, std::size_t most) {
    if (rows.empty()) {
        return;
    }
    int const first = static_cast<int>(rows_.size());
    beginInsertRows({}, first, first + static_cast<int>(rows.size()) - 1);
    rows_.insert(rows_.end(), rows.begin(), rows.end());
    endInsertRows();
    if (rows_.size() > most) {
        auto const surplus = static_cast<std::ptrdiff_t>(rows_.size() - most);
        beginRemoveRows({}, 0, static_cast<int>(surplus) - 1);
        rows_.erase(rows_.begin(), rows_.begin() + surplus);
        endRemoveRows();
    }
}

host::StoredMessagePtr StoredMessageModel::at(int row) const {
    bool const inside = row >= 0 && static_cast<std::size_t>(row) < rows_.size();
    return inside ? rows_[static_cast<std::size_t>(row)] : nullptr;
}

int StoredMessageModel::rowOf(quint64 sequence) const {
    auto const found = std::ranges::find_if(
        rows_, [&](host::StoredMessagePtr const& one) { return one->sequence >= sequence; });
    return found == rows_.end() ? -1 : static_cast<int>(found - rows_.begin());
}

int StoredMessageModel::rowCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(rows_.size());
}

int StoredMessageModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : kColumns;
}

QVariant StoredMessageModel::data(QModelIndex const& index, int role) const {
    host::StoredMessagePtr const message = at(index.row());
    if (!message) {
        return {};
    }
    switch (role) {
        case Qt::DisplayRole:
        case Qt::AccessibleTextRole:
            return text(*message, index.column());
        case Qt::ToolTipRole:
            return index.column() == Time ? QString::fromStdString(base::rfc3339(message->time))
                                          : text(*message, index.column());
        case Qt::TextAlignmentRole:
            return alignmentOf(index.column());
        case ToneRole:
            return static_cast<int>(
                index.column() == Time || index.column() == Headers ? Tone::Muted : Tone::Plain);
        default:
            return {};
    }
}

QVariant StoredMessageModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole) {
        return alignmentOf(section);
    }
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Sequence:
            return tr("Sequence");
        case Time:
            return tr("Time");
        case Subject:
            return tr("Subject");
        case Size:
            return tr("Size");
        case Headers:
            return tr("Headers");
        case Preview:
            return tr("Payload");
        default:
            return {};
    }
}

QString StoredMessageModel::text(host::StoredMessage const& message, int column) const {
    switch (column) {
        case Sequence:
            return exactCount(message.sequence);
        case Time:
            return dateText(message.time);
        case Subject:
            return wireText(message.subject);
        case Size:
            return shortBytes(static_cast<double>(message.payload.size()));
        case Headers: {
            auto const count = headerFields(message.headers).size();
            return count == 0 ? QString() : QString::number(count);
        }
        case Preview:
            return payloadPreview(message.payload);
        default:
            return {};
    }
}

}  // namespace signalbox::gui
