#include "engine/base/check.h"
#include "engine/base/hash.h"
#include "engine/protocol/peer_parser.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace {

using signalbox::Bytes;
using namespace signalbox::protocol;
using Step = PeerParser::Step;

/// A running hash of operations; equal for two runs that found the same.
struct Found {
    std::uint64_t hash = 0;

    void add(Bytes bytes) { hash = signalbox::base::hash_of(bytes, hash + bytes.size() + 1); }
    void add(std::uint64_t number) { hash = (hash ^ number) * 0x9e3779b97f4a7c15U; }
    friend bool operator==(Found const&, Found const&) = default;
};

void add_message(PeerMessage const& message, Found& found) {
    for (Bytes const part :
         {message.origin, message.account, message.subject.text(), message.reply, message.queues,
          message.sizes, message.headers, message.payload, message.tail}) {
        found.add(part);
    }
    // A tail is repeated to clients: one line end, before the headers and the payload.
    if (!message.tail.empty()) {
        auto const rest = message.headers.size() + message.payload.size() + 2;
        Bytes const line = message.tail.substr(0, message.tail.size() - rest);
        CHECK(line.find_first_of("\r\n") == line.size() - 2);
        CHECK(line.ends_with("\r\n"));
    }
}

/// Takes all there is; false at a fault.
bool take_all(PeerParser& parser, Found& found) {
    for (;;) {
        Step const step = parser.next();
        if (step == Step::NeedMore) {
            return true;
        }
        found.add(static_cast<std::uint64_t>(step));
        if (step == Step::Message) {
            add_message(parser.message(), found);
        } else if (step == Step::Interest || step == Step::NoInterest) {
            PeerInterest const& interest = parser.interest();
            for (Bytes const part :
                 {interest.origin, interest.account, interest.filter, interest.queue}) {
                found.add(part);
            }
            found.add(interest.weight);
        } else if (step == Step::Fault) {
            found.add(static_cast<std::uint64_t>(parser.fault()));
            return false;
        } else {
            found.add(parser.text());
        }
    }
}

Found operations(Bytes bytes, std::size_t step, PeerForm form) {
    PeerParser parser(form, {.max_line = 256, .max_payload = 100'000});
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

/// However the bytes are cut, the parser finds the same in them. The first byte chooses the kind of
/// connection and how.
extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    PeerForm form;
    form.kind = static_cast<PeerKind>(data[0] % 3);
    form.accounts = form.kind != PeerKind::Leaf && (data[0] & 4U) == 0;
    form.origin_in_removal = (data[0] & 8U) != 0;
    std::size_t const step = 2 + data[0] / 2;
    Bytes const bytes(reinterpret_cast<char const*>(data) + 1, size - 1);
    Found const whole = operations(bytes, size, form);
    if (size < 2'000) {
        CHECK(operations(bytes, 1, form) == whole);
    }
    CHECK(operations(bytes, step, form) == whole);
    return 0;
}
