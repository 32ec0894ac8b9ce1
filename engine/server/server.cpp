#include "engine/server/server.h"

#include "engine/base/json_writer.h"
#include "engine/base/text.h"
#include "engine/config/address.h"
#include "engine/config/validate.h"
#include "engine/server/check_options.h"

#include <utility>

namespace signalbox::server {
namespace {

constexpr char kLoopback[] = "127.0.0.1";
constexpr char kSecondLoopback[] = "::1";
constexpr char kClientListener[] = "server";
constexpr char kEverywhere[] = "0.0.0.0";
constexpr unsigned kPidFileMode = 0600;
constexpr unsigned kPortsFileMode = 0666;
constexpr std::int64_t kLargePayload = 8 * 1024 * 1024;

bool is_everywhere(std::string const& host) {
    return host == kEverywhere || host == "::";
}

std::string in_brackets(std::string const& host) {
    return host.find(':') == std::string::npos ? host : concat("[", host, "]");
}

}  // namespace

Server::Server(World& world, base::LogSink& sink, config::Options options,
               std::shared_ptr<observe::Observation> observation)
    : world_(world),
      options_(std::move(options)),
      observation_(std::move(observation)),
      sink_(sink, *observation_, world.clock()),
      log_(sink_),
      identity_(make_identity(world.entropy(), options_)),
      accounts_(world.entropy().fork("accounts")->next()),
      dispatcher_(world.clock(), world.entropy(), *observation_),
      sharing_(world, dispatcher_, accounts_),
      flush_(world.turn()),
      admission_({.context = {.world = world, .log = log_, .observation = observation_.get()},
                  .accounts = accounts_,
                  .dispatcher = dispatcher_,
                  .server = {.key = identity_.key,
                             .name = identity_.name,
                             .host = options_.listen.host,
                             .version = std::string(protocol::kCompatibleVersion),
                             .tags = options_.server_tags},
                  .listeners = {.changed = [this](auto const& key) { account_changed(key); },
                                .sharing_changed =
                                    [this] {
                                        cluster_.accounts_changed();
                                        sharing_.apply();
                                        system_.accounts_changed();
                                        jetstream_.accounts_changed();
                                    }}},
                 options_),
      context_{.world = world,
               .log = log_,
               .accounts = accounts_,
               .dispatcher = dispatcher_,
               .observation = *observation_,
               .flush = flush_,
               .options = &options_,
               .traces = &sharing_.traces(),
               .authenticator = &admission_.authenticator(),
               .info = {},
               .hash_seed = world.entropy().fork("connections")->next()},
      connections_(context_),
      cluster_(context_, identity_, admission_,
               {.client_urls = [this](auto const& urls) { tell_client_urls(urls); },
                .servers_changed = [this] { context_.info.cluster = cluster_.cluster_name(); },
                .next_number = [this] { return connections_.take_number(); }}),
      acceptor_(world) {
    settle_system_account(options_);
    if (auth::OperatorMode* const operators = admission_.operators()) {
        sharing_.check_activations_by(
            [operators](auto const&... of) { return operators->accounts().is_activated(of...); });
    }
    accounts_.apply(options_);
    cluster_.prepare();
    context_.info.cluster = cluster_.cluster_name();
    sharing_.apply();
    life_.started_at = world.clock().wall_now();
    life_.tls = std::make_unique<ListenerTls>(
        world, log_,
        OcspStapler::Hooks{
            .changed = [this](tls::Staple staple) { context_.staple = std::move(staple); },
            .revoked =
                [this] {
                    if (life_.must_stop) {
                        life_.must_stop();
                    }
                }});
    sharing_.traces().introduce_by([this] { return introduction(); });
    life_.configured_at = life_.started_at;
    log_.enable(options_.logging.debug, options_.logging.trace);
    context_.info.server_id = identity_.id;
    context_.info.server_name = identity_.name;
    context_.info.headers = !options_.no_header_support;
    jetstream_.introduce(context_.info);
    // The server's own place in the count of connections, as the reference has it.
    connections_.take_number();
}

Server::~Server() {
    *alive_ = false;
}

void Server::start(OnDone done) {
    say_who();
    // One after the other, each answering later; the first that fails ends the start, and so does
    // being stopped.
    auto const then = [this, alive = alive_, done](auto step) -> OnDone {
        return [this, alive, done, step](Result<void> result) {
            if (!*alive || life_.stopping) {
                return;
            }
            if (!result.ok()) {
                done(std::move(result));
                return;
            }
            step();
        };
    };
    auto const ready = then([this, done] {
        became_ready();
        done({});
    });
    auto const ports = then([this, ready] { write_ports_file(ready); });
    auto const routes = then([this, ports] { open_cluster(ports); });
    auto const clients = then([this, routes] { open_clients(routes); });
    auto const leafs = then([this, clients] { open_leafnodes(clients); });
    auto const gateways = then([this, leafs] { open_gateways(leafs); });
    auto const stapling = then([this, gateways] { life_.tls->staple(options_.ocsp, gateways); });
    auto const streams = then([this, stapling] { jetstream_.start(stapling); });
    auto const monitoring = then([this, streams] { open_monitoring(streams); });
    auto const admission = then([this, monitoring] { open_admission(monitoring); });
    if (auto const tls = prepare_tls(); !tls.ok()) {
        world_.turn().defer([alive = alive_, done, error = tls.error()] {
            if (*alive) {
                done(error);
            }
        });
        return;
    }
    write_pid_file(admission);
}

/// Whoever is trusted and asked about users is found before anyone can come.
void Server::open_admission(OnDone next) {
    Result<void> const sound = check_options(options_, world_.clock().wall_now());
    auto const later = [this, alive = alive_, next = std::move(next)](Result<void> const& result) {
        world_.turn().defer([alive, next, result] {
            if (*alive) {
                next(result);
            }
        });
    };
    if (!sound.ok()) {
        later(sound);
        return;
    }
    admission_.start(later);
}

/// Its JWT says something else now, or holds no longer.
void Server::account_changed(std::string const& account) {
    auto const claims = admission_.operators()->accounts().loaded(account);
    bool const holds = claims && claims->token.valid_at(world_.clock().wall_now());
    connections_.authenticate_again(
        account, holds ? connection::AskAgain::ButOfServices : connection::AskAgain::Everyone);
}

/// The dates on which somebody has to go are looked at again.
void Server::calendar_changed() {
    connections_.calendar_changed();
    if (auth::OperatorMode* const operators = admission_.operators()) {
        operators->accounts().calendar_changed();
    }
}

/// With operators it is theirs to say which one it is.
void Server::settle_system_account(config::Options& options) {
    if (admission_.operators() != nullptr && options.system_account.empty()) {
        options.system_account = admission_.operators()->system_account();
    }
}

event::ServerInfo Server::introduction() {
    return {.name = identity_.name,
            .host = life_.clients.host,
            .id = identity_.id,
            .cluster = cluster_.cluster_name(),
            .version = std::string(protocol::kCompatibleVersion),
            .tags = options_.server_tags,
            .metadata = options_.server_metadata,
            .sequence = ++life_.words,
            .time = world_.clock().wall_now()};
}

void Server::say_who() {
    LOG(log_, Notice, "Starting signalboxd");
    LOG(log_, Notice, "  Version:  ", protocol::kOwnVersion, " (compatible with nats-server ",
        protocol::kCompatibleVersion, ")");
    LOG(log_, Notice, "  Name:     ", identity_.name);
    LOG(log_, Notice, "  ID:       ", identity_.id);
    if (!options_.files.config_file.empty()) {
        LOG(log_, Notice, "Using configuration file: ", options_.files.config_file, " (",
            options_.files.config_digest, ")");
    }
    if (config::has_plaintext_secret(options_)) {
        LOG(log_, Warning, "Plaintext passwords detected, use nkeys or bcrypt");
    }
    if (options_.limits.max_payload > kLargePayload) {
        LOG(log_, Warning,
            "Maximum payloads over 8.00 MB are generally discouraged and could lead to poor "
            "performance");
    }
}

Result<void> Server::prepare_tls() {
    use_tls(TRY(ListenerTls::make(options_)), options_.tls);
    cluster_.use(TRY(ClusterSide::make(options_.cluster)));
    cluster_.leafs().use(TRY(LeafSide::make(options_.leaf)));
    cluster_.gateways().use(TRY(GatewaySide::make(options_.gateway)));
    return {};
}

void Server::use_tls(ListenerTls::Contexts contexts,
                     std::optional<config::TlsOptions> const& options) {
    life_.tls->use(std::move(contexts), options);
    context_.tls = life_.tls->clients();
    context_.peer_check = life_.tls->peer_check();
}

void Server::write_pid_file(OnDone next) {
    if (options_.files.pid_file.empty()) {
        next({});
        return;
    }
    world_.disk().write_file(options_.files.pid_file, std::to_string(world_.process_id()),
                             kPidFileMode, std::move(next));
}

void Server::open_monitoring(OnDone next) {
    config::Monitoring const& monitoring = options_.monitoring;
    if (!monitoring.http && !monitoring.https) {
        next({});
        return;
    }
    bool const secure = monitoring.https.has_value();
    config::ListenAddress const& wanted = secure ? *monitoring.https : *monitoring.http;
    std::string const host = wanted.host.empty() ? monitoring_host() : wanted.host;
    bool const chosen_for_them =
        wanted.host.empty() && options_.listen.host.empty() && host == kLoopback;
    life_.monitor = std::make_unique<monitor::MonitorListener>(
        world_, system_.source(),
        monitor::MonitorSettings{.base_path = options_.monitoring.http_base_path,
                                 .allow_any_origin = options_.own.monitoring_cors,
                                 .local_hosts_only = chosen_for_them});
    acceptor_.open(
        {.name = "monitoring",
         .host = host,
         .second_host = chosen_for_them ? kSecondLoopback : "",
         .port = wanted.port,
         .accept = [this](auto link) { life_.monitor->accept(life_.tls->cover(std::move(link))); }},
        [this, secure, next = std::move(next)](Result<world::Address> address) {
            if (!address.ok()) {
                next(Error(address.error().code(),
                           concat("Can't listen to the monitor port: ", address.error().detail())));
                return;
            }
            life_.monitoring = address.value();
            LOG(log_, Notice, "Starting ", secure ? "https" : "http", " monitor on ",
                in_brackets(life_.monitoring.host), ":", life_.monitoring.port);
            next({});
        });
}

/// Whoever may connect as a client, monitoring asks nobody who he is: without an address given it
/// stays at home.
std::string Server::monitoring_host() const {
    if (!options_.listen.host.empty()) {
        return options_.listen.host;
    }
    return options_.own.open_without_authentication ? kEverywhere : kLoopback;
}

/// Without an address given, only a server that asks who comes is open to all.
std::string Server::client_host() const {
    if (!options_.listen.host.empty()) {
        return options_.listen.host;
    }
    bool const open =
        options_.authentication_required() || options_.own.open_without_authentication;
    return open ? kEverywhere : kLoopback;
}

void Server::open_clients(OnDone next) {
    bool const chosen_for_them = options_.listen.host.empty() && client_host() == kLoopback;
    acceptor_.open({.name = kClientListener,
                    .host = client_host(),
                    .second_host = chosen_for_them ? kSecondLoopback : "",
                    .port = options_.listen.port,
                    .accept = [this](auto link) { connections_.accept(std::move(link)); }},
                   [this, next = std::move(next)](Result<world::Address> address) {
                       if (!address.ok()) {
                           next(address.error());
                           return;
                       }
                       life_.clients = address.value();
                       tell_address();
                       system_.start(admission_.operators());
                       context_.events = system_.sink();
                       LOG(log_, Notice, "Listening for client connections on ",
                           in_brackets(life_.clients.host), ":", life_.clients.port);
                       say_how_clients_come();
                       next({});
                   });
}

void Server::open_gateways(OnDone next) {
    auto plan = cluster_.gateways().listener();
    if (!plan) {
        next({});
        return;
    }
    acceptor_.open(std::move(*plan), [this, next = std::move(next)](auto address) {
        if (!address.ok()) {
            next(Error(address.error().code(),
                       concat("Error listening on gateway port: ", address.error().detail())));
            return;
        }
        cluster_.gateways().start(address.value());
        next({});
    });
}

void Server::open_leafnodes(OnDone next) {
    auto plan = cluster_.leafs().listener();
    auto const begin = [this, next = std::move(next)](Result<void> result) {
        if (result.ok()) {
            cluster_.leafs().start();
        }
        next(std::move(result));
    };
    if (!plan) {
        begin({});
        return;
    }
    acceptor_.open(std::move(*plan), [this, begin](Result<world::Address> address) {
        if (!address.ok()) {
            begin(Error(address.error().code(),
                        concat("Error listening on leafnode port: ", address.error().detail())));
            return;
        }
        cluster_.leafs().listens_at(address.value());
        begin({});
    });
}

/// Others find it once clients can.
void Server::open_cluster(OnDone next) {
    auto plan = cluster_.listener();
    if (!plan) {
        next({});
        return;
    }
    acceptor_.open(
        std::move(*plan), [this, next = std::move(next)](Result<world::Address> address) {
            if (!address.ok()) {
                next(Error(address.error().code(),
                           concat("Error listening on router port: ", address.error().detail())));
                return;
            }
            cluster_.start(address.value(), client_urls());
            next({});
        });
}

/// Where clients find this server, of those it tells them.
std::vector<std::string> Server::client_urls() const {
    std::vector<std::string> urls;
    auto const add = [&](std::string const& host, int port) {
        urls.push_back(concat(in_brackets(host), ":", port));
    };
    if (!is_everywhere(context_.info.host)) {
        add(context_.info.host, context_.info.port);
        return urls;
    }
    for (std::string const& host : world_.network().interface_addresses()) {
        add(host, context_.info.port);
    }
    return urls;
}

void Server::tell_client_urls(std::vector<std::string> const& urls) {
    context_.info.connect_urls = urls;
    connections_.say_info_again();
}

void Server::say_how_clients_come() {
    if (options_.proxy_protocol) {
        LOG(log_, Notice, "PROXY protocol enabled for client connections");
    }
    if (!options_.tls) {
        return;
    }
    LOG(log_, Notice, "TLS ", options_.allow_non_tls ? "available" : "required",
        " for client connections");
    if (options_.tls->handshake_first == config::HandshakeFirst::Always) {
        LOG(log_, Warning,
            "Clients that are not using \"TLS Handshake First\" option will fail to connect");
    }
}

void Server::became_ready() {
    life_.ready = true;
    life_.calendar = std::make_unique<ClockWatch>(world_, log_, [this] { calendar_changed(); });
    bool const chosen_for_them = options_.listen.host.empty() && client_host() == kLoopback;
    if (chosen_for_them) {
        LOG(log_, Notice,
            "Only this machine can connect, for neither an address nor users are configured: "
            "-a 0.0.0.0 opens the server to all");
    }
    if (is_everywhere(life_.clients.host) && options_.stands_open()) {
        LOG(log_, Warning, "Anyone who reaches this machine can connect: no users are configured");
    }
    LOG(log_, Notice, "Server is ready");
    observation_->event(observe::EventKind::ServerReady, world_.clock().wall_now());
}

std::string Server::ports_file_path(config::Files const& files) const {
    return concat(files.ports_file_dir, "/", world_.program_name(), "_", world_.process_id(),
                  ".ports");
}

std::string Server::ports_file_content() const {
    auto const urls = [this](JsonWriter& json, std::string_view scheme,
                             world::Address const& address) {
        json.begin_array();
        if (!is_everywhere(address.host)) {
            json.value(concat(scheme, in_brackets(address.host), ":", address.port));
        } else {
            for (std::string const& host : world_.network().interface_addresses()) {
                json.value(concat(scheme, in_brackets(host), ":", address.port));
            }
        }
        json.end_array();
    };
    JsonWriter json;
    json.begin_object().key("nats");
    urls(json, options_.tls && !options_.allow_non_tls ? "tls://" : "nats://", life_.clients);
    if (life_.monitoring.port != 0) {
        json.key("monitoring");
        urls(json, options_.monitoring.https ? "https://" : "http://", life_.monitoring);
    }
    if (cluster_.routes() != nullptr) {
        json.key("cluster");
        urls(json, options_.cluster.tls ? "tls://" : "nats://", cluster_.routes()->address());
    }
    json.end_object();
    return json.take();
}

void Server::write_ports_file(OnDone next) {
    if (options_.files.ports_file_dir.empty()) {
        next({});
        return;
    }
    world_.disk().write_file(ports_file_path(options_.files), ports_file_content(), kPortsFileMode,
                             std::move(next));
}

void Server::stop(std::function<void()> done) {
    LOG(log_, Notice, "Initiating Shutdown...");
    life_.ready = false;
    life_.stopping = true;
    life_.lame_duck.reset();
    life_.calendar.reset();
    acceptor_.close_all();
    life_.monitor.reset();
    auto const finish = [this, done = std::move(done)] {
        LOG(log_, Notice, "Server Exiting..");
        observation_->event(observe::EventKind::ServerStopped, world_.clock().wall_now());
        done();
    };
    auto const let_go = [this, finish] { jetstream_.stop(finish); };
    auto const closed = [this, finish = let_go] {
        if (options_.files.ports_file_dir.empty()) {
            finish();
            return;
        }
        world_.disk().remove_file(ports_file_path(options_.files),
                                  [alive = alive_, finish](Result<void> const&) {
                                      if (*alive) {
                                          finish();
                                      }
                                  });
    };
    system_.say(event::ServerStopping{});
    // What is said last is on its way before those who hear it are closed.
    world_.turn().defer([this, alive = alive_, closed] {
        if (*alive) {
            connections_.close_all(connection::CloseReason::ServerShutdown, closed);
            cluster_.stop();
        }
    });
}

bool Server::lame_duck(std::function<void()> empty) {
    if (!life_.ready) {
        return false;
    }
    life_.ready = false;
    LOG(log_, Notice, "Entering lame duck mode, stop accepting new clients");
    acceptor_.close(kClientListener);
    context_.info.lame_duck = true;
    system_.say(event::LameDuckBegun{});
    cluster_.lame_duck();
    life_.lame_duck = std::make_unique<LameDuck>(world_, log_, connections_, options_.lame_duck,
                                                 std::move(empty));
    return true;
}

Result<void> Server::reload(config::Options options) {
    settle_system_account(options);
    Result<void> const sound = check_options(options, world_.clock().wall_now());
    if (!sound.ok()) {
        refuse_reload(sound.error().detail());
        return sound;
    }
    auto const changes = config::difference(options_, options);
    if (!changes.ok()) {
        refuse_reload(changes.error().detail());
        return changes.error();
    }
    if (would_be_exposed(options)) {
        Error const error(Errc::InvalidArgument,
                          concat("config reload not supported for Host: old=", life_.clients.host,
                                 ", new=", kLoopback));
        refuse_reload(error.detail());
        return error;
    }
    auto tls = ListenerTls::make(options);
    if (!tls.ok()) {
        refuse_reload(tls.error().detail());
        return tls.error();
    }
    auto routes_tls = ClusterSide::make(options.cluster);
    if (!routes_tls.ok()) {
        refuse_reload(routes_tls.error().detail());
        return routes_tls.error();
    }
    auto leafs_tls = LeafSide::make(options.leaf);
    if (!leafs_tls.ok()) {
        refuse_reload(leafs_tls.error().detail());
        return leafs_tls.error();
    }
    auto gateways_tls = GatewaySide::make(options.gateway);
    if (!gateways_tls.ok()) {
        refuse_reload(gateways_tls.error().detail());
        return gateways_tls.error();
    }
    config::Files const files = options_.files;
    cluster_.gateways().use(std::move(gateways_tls).value());
    cluster_.leafs().use(std::move(leafs_tls).value());
    cluster_.use(std::move(routes_tls).value());
    use_tls(std::move(tls).value(), options.tls);
    apply(std::move(options));
    life_.tls->staple(options_.ocsp, [this](Result<void> const& result) {
        if (!result.ok()) {
            LOG(log_, Error, result.error().detail());
        }
    });
    move_files(files);
    for (config::Change const& change : changes.value()) {
        LOG(log_, Notice, "Reloaded: ", change.key, " = ", change.now);
    }
    LOG(log_, Notice, "Reloaded server configuration",
        options_.files.config_digest.empty() ? ""
                                             : concat(" (", options_.files.config_digest, ")"));
    observation_->event(observe::EventKind::ConfigurationReloaded, world_.clock().wall_now());
    system_.reloaded({});
    return {};
}

/// Without an address given it listens everywhere because it asks who comes: it cannot stop asking
/// and stay there.
bool Server::would_be_exposed(config::Options const& options) const {
    return is_everywhere(life_.clients.host) && options.listen.host.empty() &&
           options.stands_open() && !options.own.open_without_authentication;
}

/// The pid file of before stays, as at the end; the ports file goes.
void Server::move_files(config::Files const& old) {
    auto const told = [this, alive = alive_](Result<void> const& result) {
        if (*alive && !result.ok()) {
            LOG(log_, Error, result.error().detail());
        }
    };
    if (options_.files.pid_file != old.pid_file) {
        write_pid_file(told);
    }
    if (options_.files.ports_file_dir != old.ports_file_dir) {
        if (!old.ports_file_dir.empty()) {
            world_.disk().remove_file(ports_file_path(old), told);
        }
        write_ports_file(told);
    }
}

void Server::refuse_reload(std::string const& why) {
    LOG(log_, Error, "Failed to reload server configuration: ", why);
    system_.reloaded(Error(Errc::InvalidArgument, why));
    observation_->event(observe::EventKind::ConfigurationRefused, world_.clock().wall_now(),
                        nullptr, why);
}

/// INFO names where clients find the server: where it listens, or what they are told instead.
void Server::tell_address() {
    context_.info.host = life_.clients.host;
    context_.info.port = life_.clients.port;
    std::string const& told = options_.client_advertise;
    Result<config::ListenAddress> const whole = config::parse_address(told);
    if (whole.ok()) {
        context_.info.host = whole.value().host;
        context_.info.port = whole.value().port;
    } else if (!told.empty()) {
        context_.info.host = told;
    }
}

void Server::apply(config::Options options) {
    bool const other_users = !auth::judge_alike(options, options_);
    config::Options const before = std::exchange(options_, std::move(options));
    accounts_.apply(options_);
    cluster_.accounts_changed();
    sharing_.apply();
    system_.accounts_changed();
    jetstream_.accounts_changed();
    life_.configured_at = world_.clock().wall_now();
    log_.enable(options_.logging.debug, options_.logging.trace);
    tell_address();
    if (other_users) {
        // Verdicts that are still being worked on keep what they need by value.
        admission_.use(options_);
        context_.authenticator = &admission_.authenticator();
        connections_.authenticate_again(
            [&](auth::Credentials const& shown, auth::Identity const& who) {
                return auth::service_word_stands(before, options_, shown, who);
            });
    }
    if (other_users || !(options_.leaf.tls == before.leaf.tls)) {
        cluster_.leafs().users_changed();
    }
    cluster_.leafs().settings_changed(before.leaf);
    cluster_.gateways().settings_changed();
    if (!(options_.cluster == before.cluster)) {
        cluster_.settings_changed(before.cluster);
    }
    connections_.settings_changed();
}

void Server::answer_resync() {
    if (observation_->needs_resync()) {
        observation_->resync();
        connections_.announce_all();
    }
}

}  // namespace signalbox::server
