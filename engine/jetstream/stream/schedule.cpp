#include "engine/jetstream/stream/schedule.h"

namespace signalbox::jetstream {

std::optional<ApiError> check_schedule(StreamConfig const& config, PublishCommand const&,
                                       PublishHeaders const& headers) {
    if (headers.schedule && !config.allow_schedules) {
        return api_error(ApiErrc::MessageSchedulesDisabled);
    }
    return std::nullopt;
}

}  // namespace signalbox::jetstream
