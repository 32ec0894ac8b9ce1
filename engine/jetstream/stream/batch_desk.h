#pragma once

#include "engine/jetstream/stream/open_batches.h"
#include "engine/world/world.h"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::jetstream {

/// Gathers the messages of batches on a stream's leader, and gives up those that nobody goes on
/// with.
class BatchDesk {
public:
    /// What becomes of messages and batches. All but `abandoned` are called from within `add`.
    struct Hooks {
        std::function<void(BatchCommand const&, std::string_view reply)> commit;
        std::function<void(std::string_view reply)> taken;
        std::function<void(std::string_view reply, ApiError const&)> refuse;
        std::function<void(std::string const& id, std::string_view reason)> abandoned;
    };

    /// `world` outlives it.
    BatchDesk(world::World& world, BatchLimits limits, Hooks hooks)
        : world_(world), open_(limits), hooks_(std::move(hooks)) {}
    ~BatchDesk();

    BatchDesk(BatchDesk const&) = delete;
    BatchDesk& operator=(BatchDesk const&) = delete;

    /// A message with the headers of a batch.
    void add(PublishCommand const& message, PublishHeaders const& headers, std::string_view reply);

private:
    void plan();
    void expire();
    void say_abandoned(std::string id, std::string_view reason);

    world::World& world_;
    OpenBatches open_;
    Hooks hooks_;
    std::optional<world::TimerId> timer_;
    std::shared_ptr<char const> life_ = std::make_shared<char const>('\0');  ///< For late tasks.
};

}  // namespace signalbox::jetstream
