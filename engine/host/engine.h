#pragma once

#include "engine/base/logger.h"
#include "engine/host/command.h"
#include "engine/observe/snapshot.h"
#include "engine/observe/tap_row.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::shape {
class ShapedNetwork;
}  // namespace signalbox::shape

namespace signalbox::host {

struct EngineOptions {
    std::string program_name = "signalbox";
    /// Gets every log line of every server as well, on the engine's thread; none: nobody does.
    base::LogSink* log = nullptr;
    /// Makes snapshots, subject counts, event and log rows for a window. Off, the engine does none
    /// of this.
    bool observe = false;
    /// Lets links that its servers dial be made slow or cut, by `shape`.
    bool shaped = false;
};

/// One engine thread with its servers, and the observer that looks at them.
///
/// All calls may come from one other thread, the owner's: the window's or the main one. None blocks
/// but `wait` and the destructor.
class Engine {
public:
    explicit Engine(EngineOptions options);
    /// Stops every server, flushing what is pending, and ends the threads.
    ~Engine();

    Engine(Engine const&) = delete;
    Engine& operator=(Engine const&) = delete;

    /// In order, bounded. The outcome comes through `take_outcomes`, or `wait`.
    Token post(Command command);

    /// Waits until the command is done. For programs without a window.
    Outcome wait(Token token);

    /// What was done since the last call.
    std::vector<Outcome> take_outcomes();

    /// The newest snapshot; null until there is one, or without `observe`.
    observe::SnapshotPtr const& latest();

    /// What the subject tree of the next snapshots shows; nothing asks for no tree at all.
    void set_tree_query(std::optional<observe::TreeQuery> query);

    /// Takes out what came since, oldest first, at most `limit`; answers how many were.
    std::size_t drain_tap(std::size_t limit,
                          std::function<void(observe::TapRow const&)> const& visit);
    std::size_t drain_events(std::size_t limit,
                             std::function<void(observe::EventRow const&)> const& visit);
    std::size_t drain_log(std::size_t limit,
                          std::function<void(observe::LogRow const&)> const& visit);

    /// Changes what links are like, on the engine's thread; only with `shaped`.
    void shape(std::function<void(shape::ShapedNetwork&)> change);

    /// The engine's thread stands still, as a process does that was stopped, until `resume`. What
    /// is posted meanwhile waits.
    void pause();
    void resume();

    /// Called on the engine's thread when the last server has ended by itself, such as after a
    /// fatal error; set before the first command.
    void on_idle(std::function<void()> callback);

    /// Called on the engine's thread when somebody asks a server, over its system account, to read
    /// its configuration again; `ReloadServer` or `RefuseReload` answers him. Likewise.
    void on_reload_request(std::function<void()> callback);

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

/// Real client connections that publish, subscribe, request and reply against a server, on a thread
/// of their own, so that nothing is empty on first use. Ends with the object.
class DemoTraffic {
public:
    DemoTraffic(std::string host, std::uint16_t port);
    ~DemoTraffic();

    DemoTraffic(DemoTraffic const&) = delete;
    DemoTraffic& operator=(DemoTraffic const&) = delete;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox::host
