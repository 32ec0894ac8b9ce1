#include "engine/client/workload_messages.h"

#include "engine/base/encoding.h"
#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/protocol/client_writer.h"

#include <array>
#include <string_view>
#include <utility>

namespace signalbox::client::workload {

namespace {

using Words = std::span<std::string_view const>;

std::string_view one_of(Words words, world::Entropy& chance) {
    return words[chance.below(words.size())];
}

std::string hex_id(world::Entropy& chance, std::size_t bytes) {
    std::string id(bytes, '\0');
    for (char& c : id) {
        c = static_cast<char>(chance.below(256));
    }
    return base::to_hex(id);
}

std::string block(std::initializer_list<std::pair<std::string, std::string>> headers) {
    return protocol::header_block(std::span(headers.begin(), headers.size()));
}

/// In little-endian order, whatever the machine's is.
void append_binary(std::string& out, std::uint64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
        out.push_back(static_cast<char>((value >> (8 * i)) & 0xff));
    }
}

/// A number that rises and falls between two others, without a jump from one message to the next.
std::uint64_t wave(std::uint64_t number, std::uint64_t period, std::uint64_t low,
                   std::uint64_t high) {
    std::uint64_t const at = number % period;
    std::uint64_t const half = period / 2;
    std::uint64_t const height = at < half ? at : period - at;
    return low + (high - low) * height / half;
}

constexpr std::array<std::string_view, 3> kRegions = {"eu", "us", "apac"};
constexpr std::array<std::string_view, 7> kOrderEvents = {
    "created", "paid", "packed", "shipped", "delivered", "returned", "cancelled"};
constexpr std::array<std::string_view, 6> kGoods = {"kettle", "lamp",  "bicycle",
                                                    "novel",  "chair", "headphones"};
constexpr std::array<std::string_view, 3> kSites = {"berlin", "lyon", "osaka"};
constexpr std::array<std::string_view, 4> kFloors = {"f1", "f2", "f3", "f4"};
constexpr std::array<std::string_view, 4> kKinds = {"temperature", "humidity", "co2", "power"};
constexpr std::array<std::string_view, 12> kRooms = {"general", "random", "support", "design",
                                                     "sales",   "ops",    "lunch",   "release",
                                                     "hiring",  "music",  "garden",  "chess"};
constexpr std::array<std::string_view, 6> kPeople = {"alice", "bob", "carol",
                                                     "dave",  "eve", "frank"};
constexpr std::array<std::string_view, 6> kPhrases = {"has anyone seen the new dashboard?",
                                                      "deploying in five minutes",
                                                      "grüße aus berlin ☕",
                                                      "looks good to me",
                                                      "who is on call tonight?",
                                                      "the build is green again"};
constexpr std::array<std::string_view, 6> kServices = {"gateway", "orders", "billing",
                                                       "search",  "mail",   "auth"};
constexpr std::array<std::string_view, 4> kLevels = {"info", "warn", "error", "debug"};
constexpr std::array<std::string_view, 3> kQuestions = {"svc.pricing.quote", "svc.stock.check",
                                                        "svc.users.lookup"};
constexpr std::uint64_t kTrucks = 30;
constexpr std::uint64_t kSettings = 20;
constexpr std::uint64_t kSessions = 40;
constexpr std::uint64_t kShelves = 8;

}  // namespace

Sample order_event(world::Entropy& chance, std::uint64_t number, WallTime now) {
    // Most orders are created and paid; few come back.
    std::uint64_t const stage = std::min(chance.below(7), chance.below(7));
    std::string_view const event = kOrderEvents[stage];
    JsonWriter json;
    json.begin_object()
        .field("order", concat("A-", 100'000 + number))
        .field("event", event)
        .field("item", one_of(kGoods, chance))
        .field("quantity", 1 + chance.below(4))
        .field("total_cents", 500 + chance.below(50'000))
        .field("at", now)
        .end_object();
    return {concat("orders.", one_of(kRegions, chance), ".", event),
            block({{"Content-Type", "application/json"}, {"Trace-Id", hex_id(chance, 8)}}),
            json.take()};
}

Sample sensor_reading(world::Entropy& chance, std::uint64_t number, WallTime now) {
    // Round the house, so that each sensor speaks as often as the others.
    std::uint64_t const kind = number % 4;
    std::uint64_t const floor = number / 4 % 4;
    std::uint64_t const site = number / 16 % 3;
    std::string payload;
    append_binary(payload, static_cast<std::uint64_t>(now.since_epoch().count()), 8);
    append_binary(payload, wave(number / 48, 600, 180 + 40 * kind, 320 + 40 * kind), 4);
    append_binary(payload, chance.below(0x10000), 2);
    return {concat("sensors.", kSites[site], ".", kFloors[floor], ".", kKinds[kind]),
            {},
            std::move(payload)};
}

Sample truck_position(world::Entropy& chance, std::uint64_t number, WallTime now) {
    std::uint64_t const truck = number % kTrucks;
    std::uint64_t const step = number / kTrucks;
    JsonWriter json;
    json.begin_object()
        .field("truck", truck)
        .field("lat", 48.0 + static_cast<double>(wave(step + truck * 31, 2000, 0, 4000)) / 1000.0)
        .field("lon", 8.0 + static_cast<double>(wave(step + truck * 17, 3000, 0, 6000)) / 1000.0)
        .field("speed_kmh", 60 + chance.below(30))
        .field("at", now)
        .end_object();
    return {concat("fleet.truck.", truck, ".position"), {}, json.take()};
}

Sample chat_line(world::Entropy& chance, std::uint64_t, WallTime) {
    return {concat("chat.room.", one_of(kRooms, chance)),
            block({{"From", std::string(one_of(kPeople, chance))}}),
            std::string(one_of(kPhrases, chance))};
}

Sample log_line(world::Entropy& chance, std::uint64_t number, WallTime now) {
    std::string_view const level = kLevels[std::min(chance.below(4), chance.below(4))];
    std::string_view const service = one_of(kServices, chance);
    JsonWriter json;
    json.begin_object()
        .field("time", now)
        .field("level", level)
        .field("service", service)
        .field("message", concat("request ", number, " done"))
        .field("took_us", 200 + chance.below(9000))
        .end_object();
    return {concat("logs.", service, ".", level), {}, json.take()};
}

Sample key_value_update(world::Entropy& chance, std::uint64_t number, WallTime) {
    bool const is_setting = number % 4 == 0;
    std::string const key = is_setting ? concat("kv.settings.", "option-", chance.below(kSettings))
                                       : concat("kv.sessions.", "user-", chance.below(kSessions));
    if (!is_setting && chance.below(10) == 0) {
        return {key, block({{"KV-Operation", "DEL"}}), {}};
    }
    return {key, block({{"KV-Operation", "PUT"}, {"KV-Revision", std::to_string(number)}}),
            hex_id(chance, 12 + chance.below(20))};
}

Sample thumbnail(world::Entropy& chance, std::uint64_t number, WallTime) {
    std::size_t const size = 2048 + chance.below(12'000);
    std::string payload = "\x89PNG\r\n\x1a\n";
    while (payload.size() < size) {
        append_binary(payload, chance.next(), 8);
    }
    return {concat("media.thumbnails.shelf-", number % kShelves),
            block({{"Content-Type", "image/png"}}), std::move(payload)};
}

Sample heartbeat(world::Entropy&, std::uint64_t number, WallTime) {
    return {"metrics.legacy.heartbeat", {}, concat("beat ", number)};
}

Sample question(world::Entropy& chance, std::uint64_t number, WallTime) {
    JsonWriter json;
    json.begin_object()
        .field("id", number)
        .field("item", one_of(kGoods, chance))
        .field("user", one_of(kPeople, chance))
        .end_object();
    return {std::string(kQuestions[number % kQuestions.size()]), {}, json.take()};
}

std::string answer_to(std::string const& subject, world::Entropy& chance) {
    JsonWriter json;
    json.begin_object()
        .field("of", subject)
        .field("ok", chance.below(50) != 0)
        .field("value", chance.below(10'000))
        .end_object();
    return json.take();
}

}  // namespace signalbox::client::workload
