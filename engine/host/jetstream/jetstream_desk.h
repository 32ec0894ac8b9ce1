#pragma once

#include "engine/host/jetstream/jetstream_core.h"

#include <memory>
#include <optional>
#include <vector>

namespace signalbox::host {

/// The thread that asks one server's JetStream for one window. It begins at once, and ends with the
/// object.
///
/// All calls may come from one other thread, the window's. None blocks but the destructor, and that
/// no longer than the thread's turn.
class JetStreamDesk {
public:
    explicit JetStreamDesk(JetStreamOptions options);
    ~JetStreamDesk();

    JetStreamDesk(JetStreamDesk const&) = delete;
    JetStreamDesk& operator=(JetStreamDesk const&) = delete;

    /// Each order is answered once; the answer comes through `take_answers`. 0 is never a token.
    std::uint64_t post(JetStreamOrder order);
    void cancel(std::uint64_t token);
    void look_again();

    std::vector<JetStreamAnswer> take_answers();
    /// The newest of each that is under way.
    std::vector<JetStreamProgress> take_progress();
    /// What changed since the last call, or none.
    std::optional<JetStreamNews> take_news();

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox::host
