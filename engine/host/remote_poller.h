#pragma once

#include "engine/host/command.h"
#include "engine/host/remote_core.h"
#include "engine/host/remote_options.h"
#include "engine/observe/snapshot.h"
#include "engine/observe/tap_row.h"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace signalbox::host {

/// The thread that looks at one server elsewhere, as an engine's observer looks at its own. It
/// begins at once, and ends with the object.
///
/// All calls may come from one other thread, the window's. None blocks but the destructor, and that
/// no longer than the thread's turn.
class RemotePoller {
public:
    explicit RemotePoller(RemoteOptions options);
    ~RemotePoller();

    RemotePoller(RemotePoller const&) = delete;
    RemotePoller& operator=(RemotePoller const&) = delete;

    /// What nobody looks at is asked for less often.
    void set_watched(bool watched);
    void set_tree_query(std::optional<observe::TreeQuery> query);
    void set_sampling(std::optional<SamplingOrder> order);
    void set_topology(bool wanted);

    /// Of the commands for an engine, those that make sense of a server elsewhere: SetTap, Publish,
    /// Request, Disconnect. The outcome comes through `take_outcomes`.
    Token post(Command command);
    std::vector<Outcome> take_outcomes();

    /// What changed since the last call, or none.
    std::optional<RemoteNews> take_news();

    /// The newest snapshot; null until there is one.
    observe::SnapshotPtr const& latest();

    /// Takes out what came since, oldest first, at most `limit`; answers how many were.
    std::size_t drain_tap(std::size_t limit,
                          std::function<void(observe::TapRow const&)> const& visit);
    std::size_t drain_events(std::size_t limit,
                             std::function<void(observe::EventRow const&)> const& visit);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox::host
