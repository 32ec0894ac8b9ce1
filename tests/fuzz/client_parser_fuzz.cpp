#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/protocol/client_parser.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

using signalbox::Bytes;
using signalbox::protocol::ClientParser;
using Step = ClientParser::Step;

/// A running hash of operations; equal for two runs that found the same.
struct Found {
    std::uint64_t hash = 0;
    std::uint64_t count = 0;

    void add(Bytes bytes) { hash = signalbox::base::hash_of(bytes, hash + bytes.size() + 1); }
    void add(std::uint64_t number) { hash = (hash ^ number) * 0x9e3779b97f4a7c15U; }
    friend bool operator==(Found const&, Found const&) = default;
};

/// Takes all there is; false at a fault.
bool take_all(ClientParser& parser, Found& found) {
    for (;;) {
        Step const step = parser.next();
        if (step == Step::NeedMore) {
            return true;
        }
        ++found.count;
        found.add(static_cast<std::uint64_t>(step));
        switch (step) {
            case Step::Publish: {
                auto const& publish = parser.publish();
                found.add(publish.subject.text());
                found.add(publish.reply);
                found.add(publish.sizes);
                found.add(publish.headers);
                found.add(publish.payload);
                found.add(publish.tail);
                // A tail is repeated to others: one line end, before the headers and the payload.
                if (!publish.tail.empty()) {
                    auto const rest = publish.headers.size() + publish.payload.size() + 2;
                    Bytes const line = publish.tail.substr(0, publish.tail.size() - rest);
                    CHECK(line.find_first_of("\r\n") == line.size() - 2);
                    CHECK(line.ends_with("\r\n"));
                }
                break;
            }
            case Step::Subscribe:
                found.add(parser.subscribe().filter);
                found.add(parser.subscribe().queue);
                found.add(parser.subscribe().sid);
                break;
            case Step::Unsubscribe:
                found.add(parser.unsubscribe().sid);
                found.add(parser.unsubscribe().max);
                break;
            case Step::Connect:
            case Step::Info:
            case Step::PeerError:
                found.add(parser.json());
                break;
            case Step::Fault:
                found.add(static_cast<std::uint64_t>(parser.fault()));
                return false;
            default:
                break;
        }
    }
}

/// What is found in `bytes` when they come in pieces of `step`, the rest of a large frame straight
/// into its place.
Found operations(Bytes bytes, std::size_t step, bool headers) {
    ClientParser parser({.max_control_line = 128, .max_payload = 100'000});
    parser.allow_headers(headers);
    Found found;
    while (!bytes.empty()) {
        auto const space = parser.writable();
        std::size_t n = std::min(bytes.size(), step);
        if (space.empty()) {
            parser.feed(bytes.substr(0, n));
        } else {
            n = std::min(n, space.size());
            std::memcpy(space.data(), bytes.data(), n);
            parser.commit(n);
        }
        bytes.remove_prefix(n);
        if (!take_all(parser, found)) {
            break;
        }
    }
    return found;
}

}  // namespace

/// However the bytes are cut, the parser finds the same in them. The first byte chooses how.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    bool const headers = (data[0] & 1) == 0;
    std::size_t const step = 2 + data[0] / 2;
    Bytes const bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
    Found const whole = operations(bytes, size, headers);
    if (size < 2'000) {
        CHECK(operations(bytes, 1, headers) == whole);
    }
    CHECK(operations(bytes, step, headers) == whole);
    return 0;
}
