#include "engine/host/remote_core.h"

#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/host/remote_documents.h"
#include "engine/host/remote_login.h"
#include "engine/protocol/client_writer.h"

#include <algorithm>
#include <utility>

namespace signalbox::host {

namespace {

/// Between two snapshots while someone looks: what subscriptions see changes faster than figures.
constexpr Duration kLook = base::milliseconds(200);

constexpr std::string_view kClientName = "signalbox workbench";
constexpr std::string_view kSystemName = "signalbox workbench (system account)";

std::string place_of(std::vector<client::ServerAddress> const& servers) {
    std::string text;
    for (client::ServerAddress const& one : servers) {
        append(text, text.empty() ? "" : ", ", one.host, ':', one.port);
    }
    return text;
}

/// What a person reads of a loss.
std::string reason_of(std::string const& why) {
    return why.empty() ? std::string("the server closed the connection") : why;
}

}  // namespace

RemoteCore::RemoteCore(World& world, RemoteOptions options, RemoteSink sink)
    : world_(world),
      options_(std::move(options)),
      sink_(std::move(sink)),
      picture_(kServer, [this](observe::EventRow row) { sink_.event(std::move(row)); }),
      rounds_(world, [this](Document document, Json const& json) { return take(document, json); }) {
}

RemoteCore::~RemoteCore() {
    world_.timers().cancel(timer_);
}

void RemoteCore::start() {
    look_again();
    read_trust(world_, options_,
               [this, alive = std::weak_ptr(alive_)](Result<tls::Settings> const& trusted) {
                   if (alive.expired()) {
                       return;
                   }
                   if (trusted.ok()) {
                       begin(trusted.value());
                   } else {
                       refused_.mistake = trusted.error().detail();
                   }
                   choose();
                   tell();
               });
}

void RemoteCore::begin(tls::Settings const& trusted) {
    tls_ = client::ClientTls{.settings = trusted};
    if (!options_.monitoring.empty()) {
        Result<MonitoringUrl> url = parse_monitoring_url(options_.monitoring);
        Result<tls::ContextPtr> context = tls::Context::create(tls::Role::Client, trusted);
        if (!url.ok() || !context.ok()) {
            refused_.mistake = concat("the monitoring URL: ",
                                      url.ok() ? context.error().detail() : url.error().detail());
            return;
        }
        ways_.monitoring = std::make_unique<MonitoringAsking>(world_, std::move(url).value(),
                                                              std::move(context).value());
    }
    if (options_.server.empty()) {
        refused_.mistake =
            options_.monitoring.empty() ? "neither a server nor its monitoring is named" : "";
        return;
    }
    Result<ServerUrls> urls = parse_server_urls(options_.server);
    if (!urls.ok()) {
        refused_.mistake = concat("the URL of the server: ", urls.error().detail());
        return;
    }
    urls_ = std::move(urls).value();
    tls_->required = urls_.tls;
    log_in(main_, options_.identity.empty() ? urls_.identity : options_.identity,
           std::string(kClientName));
    if (options_.system_identity) {
        log_in(system_, *options_.system_identity, std::string(kSystemName));
    }
}

void RemoteCore::log_in(Connection& connection, RemoteIdentity const& identity, std::string name) {
    client::ClientOptions options;
    options.servers = urls_.servers;
    options.name = std::move(name);
    options.tls = tls_;
    connection.state = client::State::Connecting;
    log_in_as(world_, identity, std::move(options),
              [this, &connection,
               alive = std::weak_ptr(alive_)](Result<client::ClientOptions> const& ready) {
                  if (alive.expired()) {
                      return;
                  }
                  if (ready.ok()) {
                      open(connection, ready.value());
                  } else {
                      changed(connection, client::State::Closed, ready.error().detail());
                  }
              });
}

void RemoteCore::open(Connection& connection, client::ClientOptions options) {
    connection.client = std::make_unique<client::Client>(
        world_, std::move(options),
        client::Callbacks{.state =
                              [this, &connection](client::State state, std::string_view detail) {
                                  changed(connection, state, detail);
                              },
                          .error = [this](std::string_view text) { refused(text); }});
    if (&connection == &main_) {
        traffic_ = std::make_unique<RemoteTraffic>(world_, *main_.client, kServer);
        sink_.observation(traffic_->observation());
    }
    connection.client->connect();
}

void RemoteCore::changed(Connection& connection, client::State state, std::string_view detail) {
    connection.state = state;
    if (state == client::State::Waiting || state == client::State::Closed) {
        connection.why = reason_of(std::string(detail));
        if (&connection == &asker()) {
            ways_.system = Probe::Unknown;
        }
        if (&connection == &main_) {
            ways_.own_account = Probe::Unknown;
        }
    } else if (state == client::State::Connected) {
        connection.why.clear();
        Result<Json> const info = Json::parse(connection.client->server_info());
        Result<ServerGreeting> greeting =
            info.ok() ? read_greeting(info.value()) : Result<ServerGreeting>(info.error());
        connection.greeting =
            greeting.ok() ? std::optional(std::move(greeting).value()) : std::nullopt;
        ServerFigures const* const known = picture_.figures();
        if (known != nullptr && known->id != server_id()) {
            picture_.forget();
        }
        probe_system();
    }
    choose();
    tell();
}

void RemoteCore::refused(std::string_view text) {
    refused_.publish = text;
    if (traffic_) {
        traffic_->refused(text);
    }
}

std::string RemoteCore::server_id() const {
    // Where clients are connected, also when the system's user was sent to another of the cluster.
    if (main_.greeting) {
        return main_.greeting->id;
    }
    return system_.greeting ? system_.greeting->id : std::string();
}

std::string RemoteCore::server_name() const {
    if (main_.greeting) {
        return main_.greeting->name;
    }
    return system_.greeting ? system_.greeting->name : std::string();
}

void RemoteCore::probe_system() {
    Connection const& who = asker();
    if (!who.connected() || server_id().empty() || ways_.system == Probe::Asking) {
        return;
    }
    ways_.system = Probe::Asking;
    ask_over(*who.client, concat("$SYS.REQ.SERVER.", server_id(), ".VARZ"), {},
             [this, alive = std::weak_ptr(alive_)](Result<Answer> const& answer) {
                 if (alive.expired()) {
                     return;
                 }
                 bool const yes = answer.ok() && answer.value().document().ok();
                 ways_.system = yes ? Probe::Yes : Probe::No;
                 if (!yes && !ways_.monitoring) {
                     probe_own_account();
                 }
                 choose();
                 tell();
             });
}

void RemoteCore::probe_own_account() {
    if (!main_.connected() || ways_.own_account == Probe::Asking) {
        return;
    }
    ways_.own_account = Probe::Asking;
    ask_over(*main_.client, "$SYS.REQ.SERVER.PING.CONNZ", "{\"limit\":1}",
             [this, alive = std::weak_ptr(alive_)](Result<Answer> const& answer) {
                 if (alive.expired()) {
                     return;
                 }
                 bool const yes = answer.ok() && answer.value().document().ok();
                 ways_.own_account = yes ? Probe::Yes : Probe::No;
                 choose();
                 tell();
             });
}

void RemoteCore::choose() {
    if (ways_.system == Probe::Yes && asker().connected()) {
        listen_to_events();
        use(observe::FiguresFrom::SystemAccount);
    } else if (ways_.monitoring) {
        use(observe::FiguresFrom::Monitoring);
    } else if (ways_.own_account == Probe::Yes && main_.connected()) {
        use(observe::FiguresFrom::OwnAccount);
    } else {
        use(observe::FiguresFrom::Nowhere);
    }
}

void RemoteCore::use(observe::FiguresFrom from) {
    if (from == ways_.used && from != observe::FiguresFrom::Nowhere) {
        return;
    }
    ways_.used = from;
    pages_.give_up();
    rounds_.use(nullptr);
    ways_.by_client.reset();
    topology_.use_nothing();
    switch (from) {
        case observe::FiguresFrom::SystemAccount:
            ways_.by_client =
                std::make_unique<SystemAsking>(*asker().client, server_id(), server_name());
            topology_.use(*asker().client);
            break;
        case observe::FiguresFrom::OwnAccount:
            ways_.by_client = std::make_unique<OwnAccountAsking>(*main_.client, server_name());
            break;
        case observe::FiguresFrom::Monitoring:
            rounds_.use(ways_.monitoring.get());
            topology_.use(ways_.monitoring->url(), ways_.monitoring->tls());
            return;
        case observe::FiguresFrom::Nowhere:
            return;
    }
    rounds_.use(ways_.by_client.get());
}

void RemoteCore::listen_to_events() {
    if (std::exchange(ways_.events, true)) {
        return;  // subscriptions outlive a lost connection
    }
    client::Client& client = *asker().client;
    auto const on = [&](std::string_view filter, auto act) {
        // Refused ones leave events to be told from the documents.
        (void)client.subscribe(filter, {}, [this, act](client::Incoming const& message) {
            if (Result<Json> const json = Json::parse(message.payload); json.ok()) {
                act(*this, json.value());
            }
        });
    };
    auto const client_event = [](RemoteCore& core, Json const& json) {
        if (Result<ClientEvent> const event = read_client_event(json); event.ok()) {
            core.picture_.take(event.value());
        }
    };
    on("$SYS.ACCOUNT.*.CONNECT", client_event);
    on("$SYS.ACCOUNT.*.DISCONNECT", client_event);
    on("$SYS.SERVER.*.CLIENT.AUTH.ERR", [](RemoteCore& core, Json const& json) {
        if (Result<ClientEvent> const event = read_client_event(json); event.ok()) {
            core.picture_.take_refusal(event.value());
        }
    });
    auto const stops = [](std::string_view text) {
        return [text](RemoteCore& core, Json const&) {
            core.sink_.event({.kind = observe::EventKind::ServerStopped,
                              .server = kServer,
                              .time = core.world_.clock().wall_now(),
                              .text = std::string(text)});
        };
    };
    on(concat("$SYS.SERVER.", server_id(), ".SHUTDOWN"), stops("the server shuts down"));
    on(concat("$SYS.SERVER.", server_id(), ".LAMEDUCK"),
       stops("lame duck mode: the server sends its clients away before it stops"));
}

std::size_t RemoteCore::take(Document document, Json const& json) {
    Instant const now = world_.clock().now();
    switch (document) {
        case Document::Varz:
            if (Result<ServerFigures> const read = read_varz(json); read.ok()) {
                picture_.take(read.value(), now);
            }
            break;
        case Document::Connz:
            if (Result<ConnectionsDocument> read = read_connz(json); read.ok()) {
                auto const whole = pages_.add(std::move(read).value());
                if (!whole) {
                    return pages_.next();
                }
                picture_.take_open(*whole, now, world_.clock().wall_now());
            }
            if (picture_.wants_closed()) {
                rounds_.hurry(Document::ClosedConnz);
            }
            break;
        case Document::ClosedConnz:
            if (Result<ConnectionsDocument> const read = read_connz(json); read.ok()) {
                picture_.take_closed(read.value());
            }
            break;
        case Document::Subsz:
            if (Result<SubscriptionsDocument> const read = read_subsz(json);
                read.ok() && traffic_) {
                listed_subscriptions_ = read.value().subscriptions.size();
                traffic_->take(read.value(), main_.greeting ? main_.greeting->client_id : 0);
            }
            break;
        case Document::Accstatz:
            if (Result<std::vector<AccountFigures>> const read = read_accstatz(json); read.ok()) {
                picture_.take_accounts(read.value(), now);
            }
            break;
        case Document::Routez:
        case Document::Gatewayz:
        case Document::Leafz:
            break;  // Only the topology asks for them.
    }
    tell();
    return 0;
}

void RemoteCore::set_watched(bool watched) {
    rounds_.set_watched(watched);
    topology_.set_watched(watched);
    look_again();
}

void RemoteCore::set_tree_query(std::optional<observe::TreeQuery> query) {
    rounds_.want(Document::Subsz, query.has_value());
    if (traffic_) {
        traffic_->set_tree_query(std::move(query));
    }
}

void RemoteCore::set_sampling(std::optional<SamplingOrder> order) {
    if (traffic_) {
        traffic_->set_sampling(std::move(order));
    }
}

void RemoteCore::run(Token token, Command command) {
    std::visit([&](auto& one) { run_one(token, std::move(one)); }, command);
}

Result<void> RemoteCore::may_write() const {
    if (!options_.may_write) {
        return Error(Errc::PermissionDenied, "this profile is for looking only");
    }
    if (!main_.connected()) {
        return Error(Errc::Closed, "there is no connection to the server");
    }
    return {};
}

void RemoteCore::answer(Token token, Result<std::optional<Reply>> result) {
    sink_.outcome({.token = token,
                   .error = result.ok() ? std::nullopt : std::optional(result.error()),
                   .server = kServer,
                   .reply = result.ok() ? result.value() : std::nullopt});
}

void RemoteCore::run_one(Token token, SetTap command) {
    if (!traffic_) {
        answer(token, Error(Errc::Unavailable, "there is no client connection to tap with"));
        return;
    }
    std::optional<observe::TapFilter>& filter = command.filter;
    if (filter && (filter->connection != 0 || !filter->account.empty())) {
        traffic_->set_tap(std::nullopt);
        answer(token, Error(Errc::InvalidArgument,
                            "a subscriber does not learn who published a message: conn and account "
                            "cannot be asked for"));
        return;
    }
    traffic_->set_tap(std::move(filter));
    answer(token, std::optional<Reply>());
}

void RemoteCore::run_one(Token token, Publish command) {
    if (Result<void> const may = may_write(); !may.ok()) {
        answer(token, may.error());
        return;
    }
    refused_.publish.clear();
    OutgoingMessage const& message = command.message;
    std::string const headers = protocol::header_block(message.headers);
    Result<void> const sent = main_.client->publish({.subject = message.subject,
                                                     .reply = message.reply,
                                                     .headers = headers,
                                                     .payload = message.payload});
    if (!sent.ok()) {
        answer(token, sent.error());
        return;
    }
    main_.client->flush([this, token, alive = std::weak_ptr(alive_)](Result<void> const& flushed) {
        if (alive.expired()) {
            return;
        }
        if (!flushed.ok()) {
            answer(token, flushed.error());
        } else if (!refused_.publish.empty()) {
            answer(token, Error(Errc::PermissionDenied, refused_.publish));
        } else {
            answer(token, std::optional<Reply>());
        }
    });
}

void RemoteCore::run_one(Token token, Request command) {
    if (Result<void> const may = may_write(); !may.ok()) {
        answer(token, may.error());
        return;
    }
    OutgoingMessage const& message = command.message;
    std::string const headers = protocol::header_block(message.headers);
    Result<void> const sent = main_.client->request(
        {.subject = message.subject, .headers = headers, .payload = message.payload},
        command.timeout, [this, token](Result<client::Reply> const& reply) {
            if (!reply.ok()) {
                answer(token, reply.error());
                return;
            }
            client::Reply const& came = reply.value();
            answer(token, std::optional(Reply{.headers = std::string(came.headers),
                                              .payload = std::string(came.payload),
                                              .after = came.after,
                                              .no_responders = came.no_responders}));
        });
    if (!sent.ok()) {
        answer(token, sent.error());
    }
}

void RemoteCore::run_one(Token token, Disconnect command) {
    if (Result<void> const may = may_write(); !may.ok()) {
        answer(token, may.error());
        return;
    }
    if (ways_.used != observe::FiguresFrom::SystemAccount) {
        answer(token, Error(Errc::Unavailable, "only a user of the system account may do that"));
        return;
    }
    JsonWriter body;
    body.begin_object().field("cid", command.cid).end_object();
    ask_over(*asker().client, concat("$SYS.REQ.SERVER.", server_id(), ".KICK"), body.text(),
             [this, token, alive = std::weak_ptr(alive_)](Result<Answer> const& came) {
                 if (alive.expired()) {
                     return;
                 }
                 if (!came.ok()) {
                     bool const old = came.error().code() == Errc::NotFound;
                     answer(token, old ? Error(Errc::Unavailable,
                                               "this server cannot disconnect a client by request: "
                                               "nats-server can since 2.10")
                                       : came.error());
                     return;
                 }
                 // One that went well has no data.
                 Result<Json const*> const read = came.value().document();
                 if (!read.ok() && read.error().code() == Errc::Unavailable) {
                     answer(token, read.error());
                 } else {
                     answer(token, std::optional<Reply>());
                 }
             });
}

bool RemoteCore::figures_fresh() const {
    return ways_.used != observe::FiguresFrom::Nowhere && rounds_.is_fresh();
}

void RemoteCore::look_again() {
    world_.timers().cancel(timer_);
    Duration const wait = rounds_.interval() > RemoteRounds::kWatched ? rounds_.interval() : kLook;
    timer_ = world_.timers().call_at(world_.clock().now() + wait, [this] { look_again(); });
    look();
    tell();
}

/// No new snapshot while nothing new is known, so that whoever shows the last one sees it age.
void RemoteCore::look() {
    bool const only_traffic = !picture_.has_figures() && main_.connected() && traffic_;
    if (!only_traffic && !figures_fresh()) {
        return;
    }
    Instant const now = world_.clock().now();
    WallTime const wall = world_.clock().wall_now();
    observe::Snapshot snapshot;
    if (traffic_) {
        snapshot = traffic_->look(now, wall);
    } else {
        snapshot.taken_at = now;
        snapshot.wall_time = wall;
        snapshot.servers.push_back({.server = kServer});
    }
    snapshot.number = ++snapshots_;
    snapshot.topology = topology_.make();
    observe::ServerSnapshot& server = snapshot.servers.front();
    server.ready = true;
    server.name = server_name();
    server.id = server_id();
    server.monitoring = options_.monitoring;
    picture_.fill(server);
    server.remote = std::make_shared<observe::RemoteFacts const>(facts());
    if (ServerFigures const* const figures = picture_.figures()) {
        snapshot.engine_cpu = figures->cores;
        snapshot.resident_bytes = figures->resident_bytes;
    }
    sink_.snapshot(std::make_shared<observe::Snapshot const>(std::move(snapshot)));
}

observe::RemoteFacts RemoteCore::facts() const {
    observe::RemoteFacts facts;
    facts.figures = ways_.used;
    facts.events = ways_.events && ways_.used == observe::FiguresFrom::SystemAccount;
    if (ServerFigures const* const figures = picture_.figures()) {
        facts.version = figures->version;
        facts.cluster = figures->cluster;
    } else if (main_.greeting) {
        facts.version = main_.greeting->version;
    }
    facts.interval = rounds_.interval();
    facts.costs = rounds_.costs();
    for (observe::AskingCost const& cost : facts.costs) {
        if (cost.document == name_of(Document::Varz)) {
            facts.round_trip = cost.last;
        }
    }
    facts.connections = picture_.connections_in_all();
    facts.subscriptions_listed = listed_subscriptions_;
    if (traffic_) {
        facts.sampling = traffic_->sampling();
        facts.tap = traffic_->tap();
    }
    return facts;
}

RemoteNews RemoteCore::news() const {
    RemoteNews news;
    bool const was = told_ && told_->state != RemoteNews::State::Attaching &&
                     told_->state != RemoteNews::State::Refused;
    bool const deciding = ways_.system == Probe::Asking || ways_.own_account == Probe::Asking;
    news.client_connected = main_.connected();
    if (deciding && was) {
        // What was there before the connection was lost is most likely there again.
        news.figures = told_->figures;
        news.events = told_->events;
    } else if (ways_.used != observe::FiguresFrom::Monitoring || picture_.has_figures()) {
        news.figures = ways_.used;
        news.events = ways_.events && ways_.used == observe::FiguresFrom::SystemAccount;
    }
    bool const attached = (main_.connected() && (was || !deciding)) || figures_fresh();
    bool const hopeless =
        !refused_.mistake.empty() ||
        (main_.refused() && !ways_.monitoring && (!options_.system_identity || system_.refused()));
    if (hopeless) {
        news.state = RemoteNews::State::Refused;
    } else if (attached) {
        news.state = RemoteNews::State::Attached;
    } else {
        news.state = was ? RemoteNews::State::Lost : RemoteNews::State::Attaching;
    }
    news.note = note();
    return news;
}

std::string RemoteCore::note() const {
    if (!refused_.mistake.empty()) {
        return concat("Not attached: ", refused_.mistake, ".");
    }
    std::string const place = place_of(urls_.servers);
    std::string text;
    if (main_.refused()) {
        text = concat("The server at ", place, " does not let this user in: ", main_.why, ".");
    } else if (!main_.why.empty()) {
        text = concat("No connection to ", place, ": ", main_.why, ". It is tried again.");
    } else if (!options_.server.empty() && !main_.connected()) {
        text = concat("Connecting to ", place, "…");
    }
    if (options_.system_identity && !system_.why.empty()) {
        append(text, text.empty() ? "" : " ",
               "The user of the system account is not let in: ", system_.why, ".");
    } else if (options_.system_identity && ways_.system == Probe::No) {
        append(text, text.empty() ? "" : " ",
               "The second identity is not a user of the system account.");
    }
    if (ways_.used == observe::FiguresFrom::Monitoring && !rounds_.is_fresh()) {
        for (observe::AskingCost const& cost : rounds_.costs()) {
            if (!cost.error.empty() && cost.document == name_of(Document::Varz)) {
                append(text, text.empty() ? "" : " ", "Monitoring does not answer: ", cost.error,
                       ".");
            }
        }
    } else if (!text.empty() && ways_.used == observe::FiguresFrom::Monitoring) {
        append(text, " Figures come from monitoring alone.");
    }
    return text;
}

void RemoteCore::tell() {
    RemoteNews const now = news();
    if (!told_ || *told_ != now) {
        told_ = now;
        sink_.news(now);
    }
}

}  // namespace signalbox::host
