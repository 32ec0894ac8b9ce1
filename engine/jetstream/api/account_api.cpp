#include "engine/jetstream/api/account_info.h"
#include "engine/jetstream/api/api_call.h"

namespace signalbox::jetstream {
namespace {

void tell_account(ApiCallPtr const& call) {
    call->answer(
        [&](JsonWriter& json) { write_account_info(json, call->jetstream(), call->account()); });
}

constexpr ApiRoute kRoutes[] = {
    {"INFO", "account_info_response", tell_account},
};

}  // namespace

std::span<ApiRoute const> account_routes() {
    return kRoutes;
}

}  // namespace signalbox::jetstream
