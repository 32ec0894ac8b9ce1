#include "engine/client/workload.h"

#include "engine/base/check.h"
#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/protocol/client_writer.h"

#include <span>
#include <utility>

namespace signalbox::client {
namespace {

constexpr std::array<std::string_view, 6> kRegions = {"eu", "us", "uk", "br", "in", "jp"};
constexpr std::array<std::string_view, 8> kProducts = {"lamp", "desk",  "chair", "kettle",
                                                       "rug",  "shelf", "clock", "mug"};
constexpr std::array<std::string_view, 5> kSites = {"berlin", "oslo", "porto", "turin", "york"};
constexpr std::array<std::string_view, 8> kRooms = {"hall",  "dock",    "lab",  "office",
                                                    "store", "kitchen", "roof", "cellar"};
constexpr std::array<std::string_view, 3> kQuantities = {"temperature", "humidity", "power"};
constexpr std::array<std::string_view, 4> kChatRooms = {"general", "support", "random", "oncall"};
constexpr std::array<std::string_view, 5> kSayings = {"the dock door is open again", "on my way",
                                                      "who ordered forty lamps?",
                                                      "deployed, looks fine", "lunch at noon"};
constexpr std::array<std::string_view, 6> kSettings = {"limits.cart",    "limits.search",
                                                       "banner.text",    "banner.colour",
                                                       "checkout.steps", "checkout.retries"};

template <std::size_t N>
std::string_view pick(world::Entropy& entropy, std::array<std::string_view, N> const& from) {
    return from[entropy.below(N)];
}

}  // namespace

Workload::Workload(World& world, ServerAddress server, unsigned rate)
    : world_(world),
      server_(std::move(server)),
      rate_(rate),
      entropy_(world.entropy().fork("workload")) {}

Workload::~Workload() {
    for (world::TimerId const id : timers_) {
        world_.timers().cancel(id);
    }
}

Client& Workload::add(std::string name) {
    ClientOptions options;
    options.servers = {server_};
    options.name = std::move(name);
    clients_.push_back(std::make_unique<Client>(world_, std::move(options)));
    Client& client = *clients_.back();
    client.connect();
    return client;
}

void Workload::listen(std::string name, std::string_view filter, std::string_view queue_group) {
    // The filters are the ones below, so there is nothing to refuse.
    CHECK(add(std::move(name)).subscribe(filter, queue_group, [](Incoming const&) {}).ok());
}

void Workload::start() {
    listen("warehouse", "shop.*.orders.>");
    listen("billing", "shop.*.orders.created");
    listen("returns desk", "shop.*.returns");
    listen("climate dashboard", "sensors.*.*.temperature");
    listen("sensor archive", "sensors.>");
    listen("power alarm", "sensors.*.*.power");
    listen("chat room screen", "chat.>");
    listen("settings cache", "settings.>");
    for (std::string_view const worker : {"a", "b", "c"}) {
        listen(concat("parcel worker ", worker), "shop.*.orders.packed", "parcels");
    }
    serve_prices();
    speakers_ = {.orders = &add("order service"),
                 .sensors = &add("sensor gateway"),
                 .chat = &add("chat bot"),
                 .web = &add("web shop"),
                 .settings = &add("settings editor")};
    every(base::milliseconds(25), &Workload::place_orders);
    every(base::milliseconds(20), &Workload::read_sensors);
    every(base::milliseconds(400), &Workload::chat);
    every(base::milliseconds(10), &Workload::ask_prices);
    every(base::milliseconds(250), &Workload::change_settings);
    every(base::milliseconds(1'000), &Workload::export_for_nobody);
}

void Workload::every(Duration interval, Tick tick) {
    std::size_t const index = timers_.size();
    timers_.emplace_back();
    // Asks for itself anew each time; the object outlives its timers.
    auto const again = std::make_shared<std::function<void()>>();
    *again = [this, index, interval, tick, weak = std::weak_ptr(again)] {
        (this->*tick)();
        if (auto const self = weak.lock()) {
            timers_[index] =
                world_.timers().call_at(world_.clock().now() + interval, [self] { (*self)(); });
        }
    };
    timers_[index] =
        world_.timers().call_at(world_.clock().now() + interval, [again] { (*again)(); });
}

void Workload::say(Client& client, std::string_view subject, std::string_view payload,
                   std::string_view headers) {
    // A full buffer while the server is away is no reason to stop; the next one may go.
    (void)client.publish({.subject = subject, .reply = {}, .headers = headers, .payload = payload});
}

void Workload::serve_prices() {
    for (std::string_view const name : {"pricing 1", "pricing 2"}) {
        Client& server = add(std::string(name));
        CHECK(server
                  .subscribe("price.get", "pricing",
                             [this, &server](Incoming const& request) {
                                 std::uint64_t const cents = 199 + entropy_->below(20'000);
                                 JsonWriter json;
                                 json.begin_object()
                                     .field("product", request.payload)
                                     .field("cents", cents)
                                     .end_object();
                                 say(server, request.reply, json.text());
                             })
                  .ok());
    }
}

void Workload::place_orders() {
    for (unsigned i = 0; i < rate_ * 5; ++i) {
        std::string_view const region = pick(*entropy_, kRegions);
        JsonWriter json;
        json.begin_object()
            .field("order", ++order_)
            .field("product", pick(*entropy_, kProducts))
            .field("pieces", 1 + entropy_->below(9))
            .field("placed", world_.clock().wall_now())
            .end_object();
        std::vector<std::pair<std::string, std::string>> const headers = {
            {"Trace-Id", std::to_string(entropy_->next())}, {"Region", std::string(region)}};
        say(*speakers_.orders, concat("shop.", region, ".orders.created"), json.text(),
            protocol::header_block(headers));
        if (order_ % 3 == 0) {
            say(*speakers_.orders, concat("shop.", region, ".orders.packed"), json.text());
        }
    }
}

void Workload::read_sensors() {
    for (unsigned i = 0; i < rate_ * 30; ++i) {
        std::string_view const quantity = pick(*entropy_, kQuantities);
        std::string const subject = concat("sensors.", pick(*entropy_, kSites), ".",
                                           pick(*entropy_, kRooms), ".", quantity);
        if (quantity == "power") {
            // A reading as devices send it: eight bytes, no text.
            std::array<unsigned char, 8> bytes{};
            entropy_->fill(bytes);
            say(*speakers_.sensors, subject,
                {reinterpret_cast<char const*>(bytes.data()), bytes.size()});
            continue;
        }
        std::string const value = concat(15 + entropy_->below(12), ".", entropy_->below(10));
        say(*speakers_.sensors, subject, value);
    }
}

void Workload::chat() {
    say(*speakers_.chat, concat("chat.room.", pick(*entropy_, kChatRooms)),
        pick(*entropy_, kSayings));
}

void Workload::ask_prices() {
    for (unsigned i = 0; i < rate_; ++i) {
        (void)speakers_.web->request({.subject = "price.get",
                                      .reply = {},
                                      .headers = {},
                                      .payload = pick(*entropy_, kProducts)},
                                     base::seconds(1), [](Result<Reply> const&) {});
    }
}

void Workload::change_settings() {
    say(*speakers_.settings, concat("settings.", pick(*entropy_, kSettings)),
        std::to_string(entropy_->below(100)));
}

void Workload::export_for_nobody() {
    say(*speakers_.settings, "legacy.export.daily", "nobody has asked for this since the move");
}

Counts Workload::counts() const {
    Counts sum;
    for (auto const& client : clients_) {
        Counts const& one = client->counts();
        sum.messages_in += one.messages_in;
        sum.bytes_in += one.bytes_in;
        sum.messages_out += one.messages_out;
        sum.bytes_out += one.bytes_out;
        sum.connects += one.connects;
    }
    return sum;
}

}  // namespace signalbox::client
