#pragma once

#include "engine/observe/event_row.h"

#include "gui/models/roles.h"

#include <QString>

#include <cstddef>

namespace signalbox::gui {

/// What events are about, as far as one filters by it.
enum class EventCategory {
    Connections,  ///< Came, said who they are, went.
    Refusals,     ///< Could not say who they are, or have to wait before they try again.
    SlowConsumers,
    Configuration,
    Server,
};
inline constexpr std::size_t kEventCategories = 5;

EventCategory categoryOf(observe::EventKind kind);
QString categoryName(EventCategory category);

/// What a kind of event is called.
QString eventName(observe::EventKind kind);
Tone eventTone(observe::EventKind kind);

// Of the connection it is about; empty when it is about none.
QString eventClient(observe::EventRow const& event);
QString eventAddress(observe::EventRow const& event);
QString eventAccount(observe::EventRow const& event);
/// The event's own words, where there are any; else what it means.
QString eventText(observe::EventRow const& event);

/// All that is known of it, as indented JSON.
QString eventJson(observe::EventRow const& event);

}  // namespace signalbox::gui
