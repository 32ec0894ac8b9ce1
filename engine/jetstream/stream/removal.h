#pragma once

#include "engine/jetstream/stream/core_state.h"
#include "engine/jetstream/stream/stream_command.h"

#include <cstdint>
#include <string_view>

namespace signalbox::jetstream {

/// Takes messages out of a stream, whatever the reason, and tells all who have to know.
class Removal {
public:
    explicit Removal(CoreState& state) : state_(state) {}

    void one(std::uint64_t sequence, std::string_view subject,
             store::EraseMode mode = store::EraseMode::Forget);
    /// One whose subject nobody knows at hand.
    void one(std::uint64_t sequence);

    /// All before `first`; answers how many.
    std::uint64_t before(std::uint64_t first);

    /// The oldest on the subject, until `keep` are left or `bound` is reached.
    void oldest_of(std::string_view subject, std::uint64_t keep, std::uint64_t bound);

    std::uint64_t purge(PurgeCommand const& command);

    /// Until the limits of count and size hold.
    void enforce_limits();

private:
    std::uint64_t purge_filtered(PurgeCommand const& command);
    bool over_limit() const;
    std::uint64_t bound_that_keeps(store::Filters filters, std::uint64_t keep) const;

    CoreState& state_;
};

}  // namespace signalbox::jetstream
