#include "engine/base/text.h"
#include "engine/client/client.h"
#include "engine/sim/cluster.h"

#include "tests/support/run_tests.h"

#include <map>

namespace signalbox::sim {

namespace {

using config::ShareKind;

constexpr std::size_t kClients = 24;
constexpr std::array<char const*, 4> kAccounts = {"SHOP", "WEB", "GATE", "ALONE"};

config::ExportOptions offers(ShareKind kind, std::string subject) {
    return {.kind = kind, .subject = std::move(subject)};
}

config::ImportOptions takes(ShareKind kind, std::string account, std::string subject,
                            std::string to) {
    return {.kind = kind,
            .account = std::move(account),
            .subject = std::move(subject),
            .to = std::move(to)};
}

/// SHOP answers, WEB asks it and passes it on to GATE, ALONE has nothing to do with them. `extra`
/// is one more export, so that reloads change something.
config::Options walls(bool extra) {
    config::Options options;
    for (char const* const name : kAccounts) {
        config::AccountOptions account{.name = name};
        account.users.push_back({.name = base::to_lower(name),
                                 .password = crypto::Secret("secret"),
                                 .nkey = {},
                                 .permissions = {}});
        options.accounts.push_back(std::move(account));
    }
    config::AccountOptions& shop = options.accounts[0];
    config::AccountOptions& web = options.accounts[1];
    config::AccountOptions& gate = options.accounts[2];
    shop.exports = {offers(ShareKind::Service, "double.*"), offers(ShareKind::Stream, "tick.*")};
    shop.mappings = {{.source = "old.*", .destinations = {{.subject = "tick.$1"}}}};
    web.imports = {takes(ShareKind::Service, "SHOP", "double.*", "twice.*"),
                   takes(ShareKind::Stream, "SHOP", "tick.*", "shop.$1")};
    web.exports = {offers(ShareKind::Service, "twice.*")};
    gate.imports = {takes(ShareKind::Service, "WEB", "twice.*", "gate.*")};
    if (extra) {
        shop.exports.push_back(offers(ShareKind::Stream, "more"));
        gate.imports.push_back(takes(ShareKind::Stream, "SHOP", "more", "more"));
    }
    return options;
}

/// Clients of four accounts who ask, tell and listen by chance.
class Town {
public:
    explicit Town(std::uint64_t seed)
        : cluster_({.seed = seed, .servers = 1, .options = walls(false)}) {
        QVERIFY(cluster_.start());
        for (std::size_t i = 0; i < kClients; ++i) {
            add(i % kAccounts.size());
        }
        QVERIFY(cluster_.simulation().run_until([&] { return connected() == kClients; },
                                                base::seconds(10)));
    }

    void live(int rounds) {
        SimEntropy& chance = cluster_.simulation().entropy();
        for (int round = 0; round < rounds; ++round) {
            act(chance.below(kClients), chance);
            if (round % 50 == 49) {
                reload(round % 100 == 99);
            }
            cluster_.simulation().run_for(base::milliseconds(static_cast<int>(chance.below(4))));
        }
        cluster_.simulation().run_for(base::seconds(5));
    }

    /// Requests that nobody answered, for the service left with them under way, end at the
    /// threshold of their service.
    bool forgets_requests() {
        return cluster_.simulation().run_until([&] { return open_requests() == 0; },
                                               base::minutes(2) + base::seconds(1));
    }

    std::uint64_t fingerprint() { return cluster_.simulation().fingerprint().value(); }
    std::size_t open_requests() { return cluster_.server(0).server().sharing().replies().size(); }

    std::vector<std::string> complaints;
    std::map<std::string, int> answers;  ///< By the account that asked.
    int nobody = 0;
    int asked = 0;
    int heard = 0;

private:
    struct Inhabitant {
        std::size_t account;
        std::unique_ptr<SimWorld> world;
        std::unique_ptr<client::Client> client;
        std::optional<client::Sid> service;
    };

    void add(std::size_t account) {
        std::string const user = base::to_lower(kAccounts[account]);
        auto world = cluster_.add_process(concat("peer-", people_.size()));
        client::ClientOptions options;
        options.servers = {{"server-0", 4222}};
        options.name = user;
        options.user = user;
        options.password = crypto::Secret("secret");
        auto client = std::make_unique<client::Client>(
            *world, options,
            client::Callbacks{.state =
                                  [this, user](client::State state, std::string_view why) {
                                      if (state == client::State::Waiting) {
                                          complaints.push_back(concat(user, " lost: ", why));
                                      }
                                  },
                              .error =
                                  [this, user](std::string_view text) {
                                      complaints.push_back(concat(user, ": ", text));
                                  }});
        world->run([&] {
            client->connect();
            // Everything that it may hear at all, but inboxes and what services are asked.
            for (char const* const filter : {"tick.*", "shop.*", "more", "secret.*"}) {
                CHECK(client
                          ->subscribe(filter, "",
                                      [this, account](client::Incoming const& message) {
                                          hear(account, message);
                                      })
                          .ok());
            }
        });
        people_.push_back({account, std::move(world), std::move(client), std::nullopt});
    }

    std::size_t connected() const {
        return static_cast<std::size_t>(std::ranges::count_if(people_, [](auto const& each) {
            return each.client->state() == client::State::Connected;
        }));
    }

    /// The payload says in which account it was published.
    void hear(std::size_t account, client::Incoming const& message) {
        ++heard;
        std::string const here = kAccounts[account];
        bool const own = message.payload == here;
        bool const imported =
            message.payload == "SHOP" && ((here == "WEB" && message.subject.starts_with("shop.")) ||
                                          (here == "GATE" && message.subject == "more"));
        if (!own && !imported) {
            complaints.push_back(
                concat(here, " heard of ", message.payload, " on ", message.subject));
        }
    }

    void act(std::size_t who, SimEntropy& chance) {
        Inhabitant& person = people_[who];
        std::string const account = kAccounts[person.account];
        std::uint64_t const dice = chance.below(10);
        std::string const number = std::to_string(chance.below(1'000));
        person.world->run([&] {
            if (dice < 3) {
                tell(person, concat(dice == 0 ? "secret." : dice == 1 ? "tick." : "old.", number));
            } else if (dice == 3) {
                tell(person, "more");
            } else if (dice == 4 && account == "SHOP") {
                toggle_service(person);
            } else if (account != "ALONE") {
                ask(person, concat(account == "SHOP"  ? "double."
                                   : account == "WEB" ? "twice."
                                                      : "gate.",
                                   number));
            }
        });
    }

    static void tell(Inhabitant& person, std::string const& subject) {
        CHECK(person.client
                  ->publish({.subject = subject,
                             .reply = {},
                             .headers = {},
                             .payload = kAccounts[person.account]})
                  .ok());
    }

    void ask(Inhabitant& person, std::string const& subject) {
        ++asked;
        std::string const wanted = concat(subject.substr(subject.find('.') + 1), "!");
        std::string const account = kAccounts[person.account];
        auto const done = [this, wanted, account](Result<client::Reply> const& reply) {
            if (!reply.ok() || reply.value().no_responders) {
                ++nobody;
            } else if (reply.value().payload == wanted) {
                ++answers[account];
            } else {
                complaints.push_back(concat("answered ", reply.value().payload));
            }
        };
        CHECK(person.client
                  ->request({.subject = subject, .reply = {}, .headers = {}, .payload = "?"},
                            base::seconds(2), done)
                  .ok());
    }

    void toggle_service(Inhabitant& person) {
        if (person.service) {
            person.client->unsubscribe(*std::exchange(person.service, std::nullopt));
            return;
        }
        client::Client& client = *person.client;
        auto const sid =
            client.subscribe("double.*", "workers", [&client](client::Incoming const& message) {
                std::string const answer =
                    concat(message.subject.substr(message.subject.find('.') + 1), "!");
                CHECK(client
                          .publish({.subject = message.reply,
                                    .reply = {},
                                    .headers = {},
                                    .payload = answer})
                          .ok());
            });
        person.service = sid.value();
    }

    void reload(bool extra) {
        SimServer& server = cluster_.server(0);
        config::Options options = walls(extra);
        options.server_name = server.options().server_name;
        options.listen = server.options().listen;
        server.world().run([&] {
            auto const done = server.server().reload(std::move(options));
            if (!done.ok()) {
                complaints.push_back(done.error().detail());
            }
        });
    }

    Cluster cluster_;
    std::vector<Inhabitant> people_;
};

}  // namespace

/// Several accounts on one server, in virtual time: what passes the walls, and what does not.
class AccountsTest : public QObject {
    Q_OBJECT

private slots:
    void nothing_passes_the_walls_but_what_is_shared_data() {
        QTest::addColumn<std::uint64_t>("seed");
        for (std::uint64_t seed = 1; seed <= 4; ++seed) {
            QTest::addRow("%d", static_cast<int>(seed)) << seed;
        }
    }
    void nothing_passes_the_walls_but_what_is_shared() {
        QFETCH(std::uint64_t, seed);
        Town town(seed);
        town.live(3'000);
        QVERIFY2(town.complaints.empty(),
                 town.complaints.empty() ? "" : town.complaints.front().c_str());
        QCOMPARE(town.answers["SHOP"] + town.answers["WEB"] + town.answers["GATE"] + town.nobody,
                 town.asked);
        QVERIFY(town.answers["WEB"] > 100);
        QVERIFY(town.answers["GATE"] > 100);
        QVERIFY(town.heard > 1'000);
        QVERIFY(town.forgets_requests());
    }

    void the_same_seed_is_the_same_life() {
        auto const life = [](std::uint64_t seed) {
            Town town(seed);
            town.live(500);
            return town.fingerprint();
        };
        QCOMPARE(life(7), life(7));
        QVERIFY(life(7) != life(8));
    }
};
SIGNALBOX_TEST(AccountsTest);

}  // namespace signalbox::sim

#include "accounts_test.moc"
