#include "gui/topology/timeline_model.h"

#include "gui/models/figures.h"

namespace signalbox::gui {

namespace {

using Kind = host::lab::TimelineEntry::Kind;

QString wordOf(Kind kind) {
    switch (kind) {
        case Kind::Fault:
            return TimelineModel::tr("done");
        case Kind::Server:
            return TimelineModel::tr("server");
        case Kind::Link:
            return TimelineModel::tr("link");
        case Kind::Client:
            return TimelineModel::tr("client");
        case Kind::Check:
            return TimelineModel::tr("as expected");
        case Kind::Broken:
            return TimelineModel::tr("wrong");
    }
    return {};
}

Tone toneOf(Kind kind) {
    switch (kind) {
        case Kind::Fault:
            return Tone::Warning;
        case Kind::Check:
            return Tone::Good;
        case Kind::Broken:
            return Tone::Error;
        case Kind::Server:
            return Tone::Accent;
        case Kind::Link:
        case Kind::Client:
            return Tone::Muted;
    }
    return Tone::Plain;
}

QString timeText(base::Duration at) {
    auto const milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(at).count();
    return QStringLiteral("%1:%2.%3")
        .arg(milliseconds / 60'000)
        .arg(milliseconds / 1'000 % 60, 2, 10, QLatin1Char('0'))
        .arg(milliseconds % 1'000 / 100);
}

}  // namespace

void TimelineModel::append(TimelineBatch const& entries) {
    if (entries.empty()) {
        return;
    }
    int const rows = rowCount();
    beginInsertRows({}, rows, rows + static_cast<int>(entries.size()) - 1);
    entries_.insert(entries_.end(), entries.begin(), entries.end());
    endInsertRows();
    if (entries_.size() > kKept) {
        int const over = static_cast<int>(entries_.size() - kKept);
        beginRemoveRows({}, 0, over - 1);
        entries_.erase(entries_.begin(), entries_.begin() + over);
        endRemoveRows();
    }
}

void TimelineModel::clear() {
    beginResetModel();
    entries_.clear();
    endResetModel();
}

QString TimelineModel::text() const {
    QString all;
    for (host::lab::TimelineEntry const& entry : entries_) {
        all += QStringLiteral("%1\t%2\t%3\n")
                   .arg(timeText(entry.at), wordOf(entry.kind), wireText(entry.text));
    }
    return all;
}

int TimelineModel::rowCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(entries_.size());
}

int TimelineModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant TimelineModel::data(QModelIndex const& index, int role) const {
    if (!index.isValid() || index.row() >= rowCount()) {
        return {};
    }
    host::lab::TimelineEntry const& entry = entries_[static_cast<std::size_t>(index.row())];
    if (role == ToneRole) {
        return static_cast<int>(index.column() == Text && entry.kind != Kind::Broken
                                    ? Tone::Plain
                                    : toneOf(entry.kind));
    }
    if (role != Qt::DisplayRole && role != Qt::AccessibleTextRole && role != Qt::ToolTipRole) {
        return {};
    }
    switch (index.column()) {
        case Time:
            return timeText(entry.at);
        case What:
            return wordOf(entry.kind);
        case Text:
            return wireText(entry.text);
        default:
            return {};
    }
}

QVariant TimelineModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Time:
            return tr("Time");
        case What:
            return tr("What");
        case Text:
            return tr("Happened");
        default:
            return {};
    }
}

}  // namespace signalbox::gui
