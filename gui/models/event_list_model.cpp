#include "gui/models/event_list_model.h"

#include "gui/models/figures.h"

#include <QHash>

namespace signalbox::gui {

namespace {

/// Keys of groups lie above those of events.
constexpr quint64 kGroupKeys = quint64{1} << 63U;

}  // namespace

void EventListModel::append(EventBatch const& rows) {
    for (observe::EventRow const& row : rows) {
        QString const words = QStringLiteral("%1 %2 %3 %4 %5")
                                  .arg(eventName(row.kind), eventClient(row), eventAddress(row),
                                       eventAccount(row), eventText(row));
        events_.push_back({.number = ++lastNumber_,
                           .event = std::make_shared<observe::EventRow const>(row),
                           .words = words.toLower()});
        ++counts_[static_cast<std::size_t>(categoryOf(row.kind))];
    }
    while (events_.size() > kLimit) {
        --counts_[static_cast<std::size_t>(categoryOf(events_.front().event->kind))];
        events_.pop_front();
    }
    changed_ = changed_ || !rows.empty();
}

bool EventListModel::refresh() {
    if (!std::exchange(changed_, false)) {
        return false;
    }
    rebuild();
    return true;
}

void EventListModel::clear() {
    events_.clear();
    counts_.fill(0);
    open_.clear();
    rebuild();
}

void EventListModel::setShown(EventCategory category, bool shown) {
    shown_[static_cast<std::size_t>(category)] = shown;
    rebuild();
}

void EventListModel::setText(QString const& text) {
    text_ = text.toLower();
    rebuild();
}

void EventListModel::setGrouping(EventGrouping grouping) {
    grouping_ = grouping;
    open_.clear();
    rebuild();
}

void EventListModel::toggle(int row) {
    EventLine const* const line = rowAt(row);
    if (line == nullptr || line->group.isEmpty()) {
        return;
    }
    if (!open_.erase(line->group)) {
        open_.insert(line->group);
    }
    rebuild();
}

bool EventListModel::filtered() const {
    return !text_.isEmpty() || std::ranges::find(shown_, false) != shown_.end();
}

bool EventListModel::matches(Kept const& kept) const {
    return shown_[static_cast<std::size_t>(categoryOf(kept.event->kind))] &&
           (text_.isEmpty() || kept.words.contains(text_));
}

void EventListModel::rebuild() {
    matching_ = static_cast<std::size_t>(
        std::ranges::count_if(events_, [this](Kept const& kept) { return matches(kept); }));
    if (grouping_ != EventGrouping::None) {
        replaceRows(grouped());
        return;
    }
    std::vector<EventLine> lines;
    lines.reserve(matching_);
    for (auto kept = events_.rbegin(); kept != events_.rend(); ++kept) {
        if (matches(*kept)) {
            lines.push_back({.key = kept->number, .event = kept->event});
        }
    }
    replaceRows(std::move(lines));
}

std::vector<EventLine> EventListModel::grouped() const {
    // In the order of their newest event.
    std::vector<EventLine> groups;
    std::vector<std::vector<EventLine>> members;
    QHash<QString, std::size_t> places;
    for (auto kept = events_.rbegin(); kept != events_.rend(); ++kept) {
        if (!matches(*kept)) {
            continue;
        }
        QString const title = groupOf(*kept->event);
        auto place = places.find(title);
        if (place == places.end()) {
            place = places.insert(title, groups.size());
            groups.push_back({.key = kGroupKeys | qHash(title),
                              .event = kept->event,
                              .group = title,
                              .expanded = open_.contains(title)});
            members.emplace_back();
        }
        EventLine& group = groups[*place];
        ++group.count;
        if (group.expanded) {
            members[*place].push_back({.key = kept->number, .event = kept->event, .depth = 1});
        }
    }
    std::vector<EventLine> lines;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        lines.push_back(std::move(groups[i]));
        std::ranges::move(members[i], std::back_inserter(lines));
    }
    return lines;
}

QString EventListModel::groupOf(observe::EventRow const& event) const {
    QString title;
    switch (grouping_) {
        case EventGrouping::None:
            break;
        case EventGrouping::Kind:
            title = eventName(event.kind);
            break;
        case EventGrouping::Reason:
            title = eventText(event);
            break;
        case EventGrouping::Client:
            title = eventClient(event);
            break;
        case EventGrouping::Account:
            title = eventAccount(event);
            break;
    }
    return title.isEmpty() ? tr("the server itself") : title;
}

int EventListModel::columnCount(QModelIndex const& parent) const {
    return parent.isValid() ? 0 : static_cast<int>(kColumns);
}

QVariant EventListModel::data(QModelIndex const& index, int role) const {
    EventLine const* const line = rowAt(index.row());
    if (line == nullptr) {
        return {};
    }
    bool const group = !line->group.isEmpty();
    switch (role) {
        case Qt::DisplayRole:
            return index.column() == Kind && !group ? QString() : text(*line, index.column());
        case Qt::AccessibleTextRole:
            return text(*line, index.column());
        case Qt::ToolTipRole:
            return index.column() == Time ? dateText(line->event->time)
                                          : text(*line, index.column());
        case BadgesRole:
            return index.column() == Kind && !group
                       ? QVariant::fromValue(
                             Badges{{eventName(line->event->kind), eventTone(line->event->kind)}})
                       : QVariant();
        case ToneRole:
            return static_cast<int>(
                index.column() == Time || index.column() == Address ? Tone::Muted : Tone::Plain);
        case DepthRole:
            return grouping_ == EventGrouping::None ? QVariant() : QVariant(line->depth);
        case HasChildrenRole:
            return group;
        case ExpandedRole:
            return line->expanded;
        default:
            return {};
    }
}

QString EventListModel::text(EventLine const& line, int column) const {
    observe::EventRow const& event = *line.event;
    if (!line.group.isEmpty()) {
        switch (column) {
            case Time:
                return clockText(event.time);
            case Kind:
                return exactCount(static_cast<quint64>(line.count));
            case What:
                return line.group;
            default:
                return {};
        }
    }
    switch (column) {
        case Time:
            return clockText(event.time);
        case Kind:
            return eventName(event.kind);
        case Client:
            return eventClient(event);
        case Account:
            return eventAccount(event);
        case Address:
            return eventAddress(event);
        case What:
            return eventText(event);
        default:
            return {};
    }
}

QVariant EventListModel::headerData(int section, Qt::Orientation orientation, int role) const {
    if (orientation == Qt::Horizontal && role == Qt::TextAlignmentRole) {
        return int(Qt::AlignLeft | Qt::AlignVCenter);
    }
    if (orientation != Qt::Horizontal || role != Qt::DisplayRole) {
        return {};
    }
    switch (section) {
        case Time:
            return tr("Time");
        case Kind:
            return tr("Event");
        case Client:
            return tr("Client");
        case Account:
            return tr("Account / user");
        case Address:
            return tr("Address");
        case What:
            return tr("What happened");
        default:
            return {};
    }
}

}  // namespace signalbox::gui
