#include "engine/cluster/gateway_table.h"

#include "engine/base/text.h"
#include "engine/cluster/gateway_name.h"
#include "engine/config/address.h"
#include "engine/protocol/info.h"

#include <algorithm>
#include <utility>

namespace signalbox::cluster {

using connection::CloseReason;

namespace {

/// So that a cluster has found itself before others hear of it.
constexpr Duration kStartDelay = base::seconds(1);
constexpr Duration kPause = base::seconds(1);
constexpr Duration kLongestPause = base::seconds(30);
constexpr Duration kDialTimeout = base::seconds(1);
constexpr std::uint64_t kSpreadMs = 100;
constexpr std::size_t kMostUrls = 256;
constexpr std::size_t kMostClusters = 256;

}  // namespace

GatewayTable::GatewayTable(GatewayContext& context)
    : context_(context),
      hash_(gateway_hash(context.gateway().name)),
      way_back_(concat(kGatewayReplies, hash_, ".", gateway_hash(context.server_id), ".")),
      interest_([this](account::Account const& account, std::string_view filter,
                       std::string_view queue, bool there) {
          for (auto const& [gid, connection] : connections_) {
              connection->tell(account, filter, queue, there);
          }
      }),
      replies_(context.world(), context.clients.dispatcher,
               [this](account::Account& account, std::string const& full,
                      std::string const& cluster, message::MessageRun const& run) {
                   return send_answer(account, full, cluster, run);
               }) {
    for (auto const& account : context_.clients.accounts.all()) {
        interest_.begin(*account);
    }
    context_.clients.accounts.listen(interest_);
    for (config::RemoteGatewayOptions const& options : context_.gateway().gateways) {
        if (options.name != context_.gateway().name) {
            Remote& remote = remotes_[options.name];
            remote.name = options.name;
            remote.configured = true;
            remote.urls = options.urls;
        }
    }
}

GatewayTable::~GatewayTable() {
    *alive_ = false;
    context_.clients.accounts.stop_listening(interest_);
    for (auto& [name, remote] : remotes_) {
        context_.world().timers().cancel(remote.timer);
    }
    replies_.clear();
    connections_.clear();
}

void GatewayTable::start(world::Address const& address) {
    address_ = address;
    for (auto& [name, remote] : remotes_) {
        dial_later(remote, kStartDelay);
    }
}

void GatewayTable::stop() {
    stopping_ = true;
    for (auto& [name, remote] : remotes_) {
        remote.dial.reset();
        context_.world().timers().cancel(std::exchange(remote.timer, {}));
    }
    for (auto const& [gid, connection] : connections_) {
        connection->close(CloseReason::ServerShutdown);
    }
}

void GatewayTable::accept(std::unique_ptr<world::Link> link) {
    if (!stopping_) {
        add(std::move(link), std::nullopt);
    }
}

void GatewayTable::add(std::unique_ptr<world::Link> link, std::optional<GatewayWay> way) {
    std::uint64_t const gid = next_gid_++;
    auto connection =
        std::make_unique<GatewayConnection>(context_, *this, std::move(link), gid, std::move(way));
    GatewayConnection& kept = *connection;
    connections_.emplace(gid, std::move(connection));
    kept.start();
}

void GatewayTable::settings_changed() {
    for_each([](GatewayConnection& connection) { connection.settings_changed(); });
}

void GatewayTable::accounts_changed() {
    for (auto const& account : context_.clients.accounts.retired()) {
        for_each([&](GatewayConnection& connection) { connection.forget(*account); });
    }
}

bool GatewayTable::is_configured(std::string_view name) const {
    return std::ranges::any_of(context_.gateway().gateways,
                               [&](auto const& each) { return each.name == name; });
}

std::string GatewayTable::own_url() const {
    std::string const& told = context_.gateway().advertise;
    if (told.empty()) {
        return concat(address_.host, ":", address_.port);
    }
    return config::parse_address(told).ok() ? told : concat(told, ":", address_.port);
}

PeerInfo GatewayTable::own_info() const {
    PeerInfo info;
    info.server_id = context_.server_id;
    info.server_name = context_.server_name;
    info.version = protocol::kCompatibleVersion;
    info.host = address_.host;
    info.port = address_.port;
    info.headers = !context_.options().no_header_support;
    info.max_payload = context_.options().limits.max_payload;
    info.gateway = context_.gateway().name;
    info.gateway_url = own_url();
    info.gateway_urls = {own_url()};
    info.gateway_urls.insert(info.gateway_urls.end(), others_.begin(), others_.end());
    info.gateway_new_replies = true;
    info.gateway_interest_only = true;
    return info;
}

void GatewayTable::others_listen_at(std::vector<std::string> urls) {
    others_ = std::move(urls);
    std::string const line = info_line(own_info());
    for (auto const& [gid, connection] : connections_) {
        if (!connection->is_outbound() && connection->is_open()) {
            connection->send(line);
        }
    }
}

void GatewayTable::opened(GatewayConnection& connection) {
    std::string const name = connection.gateway_name();
    if (connection.is_outbound()) {
        Remote& remote = remotes_[name];
        remote.name = name;
        remote.attempts = 0;
        if (remote.outbound != nullptr && remote.outbound != &connection) {
            connection.close(CloseReason::DuplicateRoute);
            return;
        }
        remote.outbound = &connection;
        hear_of(name, connection.remote_info().gateway_urls);
        return;
    }
    for (auto const& account : context_.clients.accounts.all()) {
        connection.tell_all(*account);
    }
    for (auto const& [other, remote] : remotes_) {
        if (other == name || remote.urls.empty()) {
            continue;
        }
        PeerInfo gossip;
        gossip.server_id = context_.server_id;
        gossip.gateway = other;
        gossip.gateway_command = 1;
        for (config::ServerUrl const& url : remote.urls) {
            gossip.gateway_urls.push_back(url.authority());
        }
        connection.send(info_line(gossip));
    }
    hear_of(name, connection.remote_info().gateway_urls);
}

void GatewayTable::hear_of(std::string const& name, std::vector<std::string> const& urls) {
    bool const unknown = !remotes_.contains(name);
    if (name.empty() || name == context_.gateway().name || stopping_ ||
        (unknown && (!admits(name) || remotes_.size() >= kMostClusters))) {
        return;
    }
    Remote& remote = remotes_[name];
    remote.name = name;
    remote.configured = remote.configured || is_configured(name);
    for (std::string const& text : urls) {
        Result<config::ServerUrl> url = config::ServerUrl::parse(text);
        bool const usable = url.ok() && url.value().port > 0 && remote.urls.size() < kMostUrls;
        bool const known = usable && std::ranges::any_of(remote.urls, [&](auto const& each) {
                               return each.authority() == url.value().authority();
                           });
        if (usable && !known) {
            remote.urls.push_back(std::move(url).value());
        }
    }
    if (unknown && remote.outbound == nullptr) {
        dial_later(remote, Duration{0});
    }
}

void GatewayTable::dial_later(Remote& remote, Duration delay) {
    if (stopping_ || remote.timer || remote.dial || remote.outbound != nullptr) {
        return;
    }
    Duration const spread =
        base::milliseconds(static_cast<std::int64_t>(context_.world().entropy().below(kSpreadMs)));
    remote.timer = context_.world().timers().call_at(
        context_.world().clock().now() + delay + spread, [this, &remote] {
            remote.timer = {};
            dial(remote);
        });
}

void GatewayTable::dial(Remote& remote) {
    if (remote.urls.empty() || remote.outbound != nullptr) {
        return;
    }
    config::ServerUrl url = remote.urls[context_.world().entropy().below(remote.urls.size())];
    if (url.user.empty()) {
        url.user = context_.gateway().login.user;
        url.password = context_.gateway().login.password;
    }
    ++remote.attempts;
    LOG(context_.log(), Debug, "Connecting to explicit gateway ", base::quoted(remote.name), " (",
        url.authority(), ") (attempt ", remote.attempts, ")");
    remote.dial = context_.world().network().dial(
        url.host, static_cast<std::uint16_t>(url.port), kDialTimeout,
        [this, &remote, url](Result<std::unique_ptr<world::Link>> link) {
            std::unique_ptr<world::Dial> const over = std::move(remote.dial);
            if (!link.ok()) {
                failed(remote, url, link.error());
                return;
            }
            add(std::move(link).value(), GatewayWay{.name = remote.name, .url = url});
        });
}

void GatewayTable::failed(Remote& remote, config::ServerUrl const& url, Error const& error) {
    std::int64_t const each =
        std::max<std::int64_t>(context_.options().limits.connect_error_reports, 1);
    if (remote.attempts == 1 || remote.attempts % each == 0) {
        LOG(context_.log(), Error, "Error connecting to gateway ", base::quoted(remote.name), " (",
            url.authority(), ") (attempt ", remote.attempts, "): ", error.detail());
    }
    bool const has_inbound = std::ranges::any_of(connections_, [&](auto const& each_one) {
        return !each_one.second->is_outbound() && each_one.second->gateway_name() == remote.name;
    });
    if (!remote.configured && !has_inbound &&
        remote.attempts > context_.gateway().connect_retries) {
        return;
    }
    Duration pause = kPause;
    if (context_.gateway().connect_backoff) {
        std::int64_t const doublings = std::min<std::int64_t>(remote.attempts - 1, 5);
        pause = std::min(kPause * (std::int64_t{1} << doublings), kLongestPause);
    }
    dial_later(remote, pause);
}

void GatewayTable::closed(GatewayConnection& connection, CloseReason) {
    bool const outbound = connection.is_outbound();
    connections_.erase(connection.gid());
    if (!outbound) {
        return;
    }
    for (auto& entry : remotes_) {
        std::string const& name = entry.first;
        auto& remote = entry.second;
        bool const gone =
            remote.outbound != nullptr && std::ranges::none_of(connections_, [&](auto const& each) {
                return each.second.get() == remote.outbound;
            });
        if (gone) {
            remote.outbound = nullptr;
        }
        bool const on_its_way = std::ranges::any_of(
            connections_, [&](auto const& each) { return each.second->wanted() == name; });
        if (remote.outbound == nullptr && !on_its_way) {
            dial_later(remote, kPause);
        }
    }
}

void GatewayTable::expect_answer(account::Account& account, std::string_view full,
                                 std::string const& cluster) {
    GatewayReply const to = GatewayReply::of(full);
    if (!to.reply.empty()) {
        replies_.expect(account, full, to.reply, cluster);
    }
}

message::Delivery GatewayTable::send_answer(account::Account& account, std::string const& full,
                                            std::string const& cluster,
                                            message::MessageRun const& run) {
    auto const found = remotes_.find(cluster);
    if (found == remotes_.end() || found->second.outbound == nullptr) {
        return {};
    }
    return found->second.outbound->make_recipient(account).answer(full, run);
}

}  // namespace signalbox::cluster
