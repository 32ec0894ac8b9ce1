#pragma once

#include "engine/jetstream/stream/core_state.h"
#include "engine/jetstream/stream/publish_headers.h"
#include "engine/jetstream/stream/stream_command.h"

#include <optional>

namespace signalbox::jetstream {

/// Whether a message is taken, in the reference's order of asking. Depends on the state alone.
class Admission {
public:
    Admission(CoreState const& state, PublishCommand const& message, PublishHeaders const& headers)
        : state_(state), message_(message), headers_(headers) {}

    /// Nothing: it is taken.
    std::optional<ApiError> refusal() const;

    /// The sequence of the message of the same id.
    std::optional<std::uint64_t> duplicate() const;

    /// What it asks for beside being stored.
    bool rolls_up_all() const;
    bool rolls_up_subject() const;

private:
    using Refusal = std::optional<ApiError>;

    Refusal counter() const;
    Refusal expectations() const;
    Refusal expected_subject() const;
    Refusal after_duplicates() const;
    Refusal size() const;
    Refusal room() const;

    CoreState const& state_;
    PublishCommand const& message_;
    PublishHeaders const& headers_;
};

}  // namespace signalbox::jetstream
