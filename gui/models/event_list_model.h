#pragma once

#include "gui/models/event_words.h"
#include "gui/models/live_rows.h"
#include "gui/models/roles.h"
#include "gui/source/data_source.h"

#include <array>
#include <deque>
#include <memory>
#include <set>

namespace signalbox::gui {

enum class EventGrouping {
    None,
    Kind,
    Reason,
    Client,
    Account,
};

using EventPtr = std::shared_ptr<observe::EventRow const>;

/// A row of the list: an event, or what several have in common.
struct EventLine {
    quint64 key = 0;
    EventPtr event;  ///< Of a group the newest.
    QString group;   ///< Its title; empty for an event.
    int count = 0;   ///< Of the group's events.
    int depth = 0;
    bool expanded = false;
};

/// The events of a source, newest first: those of the chosen categories and with a text, alone or
/// in groups that open.
class EventListModel : public LiveRows<EventLine> {
    Q_OBJECT

public:
    enum Column {
        Time,
        Kind,
        Client,
        Account,
        Address,
        What,
        kColumns
    };

    static constexpr std::size_t kLimit = 20'000;

    using LiveRows::LiveRows;

    /// Keeps them; they are shown with the next `refresh`.
    void append(EventBatch const& rows);
    /// Shows what came; answers whether there was anything.
    bool refresh();
    void clear();

    void setShown(EventCategory category, bool shown);
    void setText(QString const& text);
    void setGrouping(EventGrouping grouping);
    void toggle(int row);

    /// How many there are of a category, shown or not.
    std::size_t count(EventCategory category) const {
        return counts_[static_cast<std::size_t>(category)];
    }
    std::size_t held() const { return events_.size(); }
    /// How many pass the filter.
    std::size_t matching() const { return matching_; }
    bool filtered() const;

    int columnCount(QModelIndex const& parent = {}) const override;
    QVariant data(QModelIndex const& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

protected:
    Key keyOf(EventLine const& line) const override { return line.key; }

private:
    struct Kept {
        quint64 number = 0;
        EventPtr event;
        QString words;  ///< What the text filter looks at, in lower case.
    };

    bool matches(Kept const& kept) const;
    void rebuild();
    std::vector<EventLine> grouped() const;
    QString groupOf(observe::EventRow const& event) const;
    QString text(EventLine const& line, int column) const;

    std::deque<Kept> events_;  ///< Newest last.
    std::array<std::size_t, kEventCategories> counts_{};
    std::array<bool, kEventCategories> shown_{true, true, true, true, true};
    std::set<QString> open_;  ///< Titles of groups that are expanded.
    QString text_;
    EventGrouping grouping_ = EventGrouping::None;
    std::size_t matching_ = 0;
    quint64 lastNumber_ = 0;
    bool changed_ = false;
};

}  // namespace signalbox::gui
