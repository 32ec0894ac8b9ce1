#include "gui/models/tap_model.h"

#include "gui/models/figures.h"

#include <algorithm>

namespace signalbox::gui {

namespace {

constexpr std::size_t kPreviewBytes = 160;

bool contains(std::string const& text, QByteArray const& lowered) {
    auto const lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; };
    return std::search(text.begin(), text.end(), lowered.begin(), lowered.end(),
                       [&](char a, char b) { return lower(a) == b; }) != text.end();
}

QByteArray loweredAscii(QString const& text) {
    QByteArray bytes = text.toUtf8();
    for (char& c : bytes) {
        if (c >= 'A' && c <= 'Z') {
            c = static_cast<char>(c + 32);
        }
    }
    return bytes;
}

}  // namespace

QString previewText(std::string const& payload) {
    QString text = wireText(payload.substr(0, kPreviewBytes));
    for (QChar& c : text) {
        if (c == QLatin1Char('\n') || c == QLatin1Char('\r') || c == QLatin1Char('\t')) {
            c = QLatin1Char(' ');
        } else if (c.unicode() < 0x20 || c.unicode() == 0x7f || c.unicode() == 0xfffd) {
            c = QChar(0x00b7);
        }
    }
    return text;
}

TapModel::TapModel(QObject* parent, std::size_t limit)
    : QAbstractTableModel(parent), ring_(limit) {}

void TapModel::append(TapBatch const& rows) {
    received_ += rows.size();
    if (!paused_) {
        appendNow(rows);
        return;
    }
    waiting_.insert(waiting_.end(), rows.begin(), rows.end());
    if (waiting_.size() > ring_.limit()) {
        waiting_.erase(waiting_.begin(),
                       waiting_.end() - static_cast<std::ptrdiff_t>(ring_.limit()));
    }
    emit waitingChanged(waiting_.size());
}

void TapModel::appendNow(TapBatch const& rows) {
    FilteredRing<TapRowPtr>::Change const change = ring_.plan(rows);
    if (change.evicted > 0) {
        beginRemoveRows({}, 0, static_cast<int>(change.evicted) - 1);
        ring_.evict(change);
        endRemoveRows();
    }
    if (change.added.empty()) {
        ring_.append(rows, change);
        return;
    }
    int const first = static_cast<int>(ring_.shown());
    beginInsertRows({}, first, first + static_cast<int>(change.added.size()) - 1);
    ring_.append(rows, change);
    endInsertRows();
}

void TapModel::clear() {
    beginResetModel();
    ring_.clear();
    waiting_.clear();
    received_ = 0;
    endResetModel();
    emit waitingChanged(0);
}

void TapModel::setPaused(bool paused) {
    paused_ = paused;
    if (!paused && !waiting_.empty()) {
        TapBatch rows;
        rows.swap(waiting_);
        appendNow(rows);
        emit waitingChanged(0);
    }
}

void TapModel::setDisplayFilter(QString const& text) {
    beginResetModel();
    QByteArray const wanted = loweredAscii(text.trimmed());
    if (wanted.isEmpty()) {
        ring_.setFilter({});
    } else {
        ring_.setFilter([wanted](TapRowPtr const& row) {
            return contains(row->subject, wanted) || contains(row->payload, wanted) ||
                   contains(row->headers, wanted) || contains(row->reply, wanted);
        });
    }
    endResetModel();
}

void TapModel::setTimeStyle(TimeStyle style) {
    timeStyle_ = style;
    if (rowCount() > 0) {
        emit dataChanged(index(0, Time), index(rowCount() - 1, Time), {Qt::DisplayRole});
    }
}

TapRowPtr TapModel::rowAt(int row) const {
    bool const inside = row >= 0 && static_cast<std::size_t>(row) < ring_.shown();
    return inside ? ring_.at(static_cast<std::size_t>(row)) : nullptr;
}

int TapModel::rowCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(ring_.shown());
}

int TapModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant TapModel::data(QModelIndex const& index, int role) const {
    TapRowPtr const row = rowAt(index.row());
    if (row == nullptr) {
        return {};
    }
    int const column = index.column();
    switch (role) {
        case Qt::DisplayRole:
        case Qt::AccessibleTextRole:
            return text(*row, index.row(), column);
        case Qt::ToolTipRole:
            return column == Time ? dateText(row->time) : QString();
        case Qt::TextAlignmentRole: {
            bool const words = column == Subject || column == Reply || column == Preview;
            return int((words ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
        }
        case ToneRole:
            if (column == Number || column == Publisher || column == Reply || column == Time) {
                return static_cast<int>(Tone::Muted);
            }
            if (column == Recipients && row->recipients == 0) {
                return static_cast<int>(Tone::Warning);
            }
            return static_cast<int>(Tone::Plain);
        default:
            return {};
    }
}

QString TapModel::timeText(observe::TapRow const& row, int index) const {
    if (timeStyle_ == TimeStyle::Clock) {
        return clockText(row.time);
    }
    TapRowPtr const before = rowAt(index - 1);
    return before == nullptr ? QStringLiteral("+0")
                             : QLatin1Char('+') + shortDuration(row.time - before->time);
}

QString TapModel::text(observe::TapRow const& row, int index, int column) const {
    switch (column) {
        case Number:
            return QString::number(row.number);
        case Time:
            return timeText(row, index);
        case Publisher:
            return row.cid == 0 ? QStringLiteral("–") : QString::number(row.cid);
        case Subject:
            return wireText(row.subject);
        case Reply:
            return wireText(row.reply);
        case Headers: {
            auto const lines = std::ranges::count(row.headers, ':');
            return row.header_bytes == 0 ? QString() : QString::number(std::max<long>(lines, 1));
        }
        case Size:
            return shortBytes(static_cast<double>(row.payload_bytes));
        case Recipients:
            if (row.recipients == observe::TapRow::kRecipientsUnknown) {
                return QStringLiteral("–");
            }
            return row.recipients == 0 ? tr("none") : QString::number(row.recipients);
        case Preview:
            return previewText(row.payload);
        default:
            return {};
    }
}

QVariant TapModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || section < 0 || section >= kColumns) {
        return {};
    }
    if (role == Qt::TextAlignmentRole) {
        bool const words = section == Subject || section == Reply || section == Preview;
        return int((words ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter);
    }
    if (role != Qt::DisplayRole) {
        return {};
    }
    QString const names[kColumns] = {tr("No."), tr("Time"), tr("From"), tr("Subject"), tr("Reply"),
                                     tr("Hdr"), tr("Size"), tr("To"),   tr("Payload")};
    return names[section];
}

}  // namespace signalbox::gui
