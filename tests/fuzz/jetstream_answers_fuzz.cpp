#include "engine/host/jetstream/jetstream_asker.h"
#include "engine/host/jetstream/stored_facts.h"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

/// What a server answers of streams, consumers and messages: any bytes may come.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace signalbox;
    std::string_view const bytes(reinterpret_cast<char const*>(data), size);
    if (Result<Json> const json = Json::parse(bytes); json.ok()) {
        (void)host::read_account_use(json.value());
        (void)host::read_stream(json.value());
        (void)host::read_consumer(json.value());
        (void)host::read_stream_page(json.value());
        (void)host::read_consumer_page(json.value());
        (void)host::read_got(json.value());
    }
    (void)host::status_of(bytes);
    (void)host::status_text(bytes);
    (void)host::pending_after(bytes);
    if (auto const message = host::read_direct(bytes, "payload"); message.ok()) {
        // What was added is gone, so that it reads as a message that says nothing.
        if (host::read_direct(message.value()->headers, {}).ok() &&
            message.value()->headers.size() >= bytes.size()) {
            std::abort();
        }
    }
    return 0;
}
