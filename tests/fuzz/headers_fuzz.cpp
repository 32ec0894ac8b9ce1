#include "engine/base/check.h"
#include "engine/dispatch/service_latency.h"
#include "engine/protocol/headers.h"

#include <cstdint>

// Headers of clients: whatever they are, what only servers may say is gone, and what is set is
// there.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signalbox;
    Bytes const block(reinterpret_cast<char const*>(data), size);
    protocol::HeaderFields fields(block);
    std::size_t end = 0;
    while (auto const field = fields.next()) {
        CHECK(field->begin >= end);
        CHECK(field->end <= size);
        end = field->end;
    }
    if (protocol::has_server_header(block)) {
        CHECK(!protocol::has_server_header(protocol::without_server_headers(block)));
    }
    std::string const set = protocol::with_header(block, protocol::kRequestInfoHeader, "{}");
    CHECK(set.ends_with("Nats-Request-Info: {}\r\n\r\n"));
    dispatch::sampled_by_headers(block);
    return 0;
}
