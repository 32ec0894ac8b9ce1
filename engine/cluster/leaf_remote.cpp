#include "engine/cluster/leaf_remote.h"

#include "engine/base/ip_address.h"
#include "engine/base/text.h"
#include "engine/config/tls_settings.h"

#include <algorithm>
#include <utility>

namespace signalbox::cluster {
namespace {

constexpr int kDefaultPort = 7'422;
/// A hub can not make us keep more addresses than this.
constexpr std::size_t kMostHeardOf = 256;

}  // namespace

Result<std::unique_ptr<LeafRemote>> LeafRemote::create(LeafContext& context,
                                                       config::LeafRemoteOptions options,
                                                       OnReached reached) {
    tls::ContextPtr tls;
    if (options.tls) {
        tls = TRY(tls::Context::create(tls::Role::Client, config::dialling_settings(*options.tls)));
    }
    return std::unique_ptr<LeafRemote>(
        new LeafRemote(context, std::move(options), std::move(tls), std::move(reached)));
}

LeafRemote::LeafRemote(LeafContext& context, config::LeafRemoteOptions options, tls::ContextPtr tls,
                       OnReached reached)
    : context_(context),
      options_(std::move(options)),
      tls_(std::move(tls)),
      reached_(std::move(reached)),
      urls_(options_.urls),
      written_(urls_.size()) {
    for (config::ServerUrl& url : urls_) {
        url.port = url.port == 0 ? kDefaultPort : url.port;
    }
    if (!options_.no_randomize) {
        for (std::size_t i = urls_.size(); i > 1; --i) {
            std::swap(urls_[i - 1], urls_[context_.world().entropy().below(i)]);
        }
    }
}

LeafRemote::~LeafRemote() {
    *alive_ = false;
    context_.world().timers().cancel(timer_);
}

tls::ContextPtr LeafRemote::tls() {
    if (!tls_) {
        // Not asked for here, but by the hub: this machine's authorities vouch for it.
        auto made = tls::Context::create(tls::Role::Client, config::dialling_settings({}));
        tls_ = made.ok() ? std::move(made).value() : nullptr;
    }
    return tls_;
}

bool LeafRemote::wants_tls() const {
    return options_.tls.has_value() ||
           std::ranges::any_of(options_.urls, [](auto const& url) { return url.scheme == "tls"; });
}

void LeafRemote::start() {
    if (!options_.disabled) {
        wait(Duration{0});
    }
}

void LeafRemote::stop() {
    stopped_ = true;
    dial_.reset();
    context_.world().timers().cancel(std::exchange(timer_, {}));
}

void LeafRemote::lost() {
    auto const spread_ms = context_.leaf().reconnect / base::milliseconds(10);
    Duration const spread = base::milliseconds(static_cast<std::int64_t>(
        context_.world().entropy().below(static_cast<std::uint64_t>(spread_ms) + 1)));
    Duration const longer = std::exchange(hold_off_, Duration{0});
    wait(std::max(longer, context_.leaf().reconnect) + spread);
}

void LeafRemote::wait(Duration delay) {
    if (stopped_) {
        return;
    }
    world::Timers& timers = context_.world().timers();
    timers.cancel(timer_);
    timer_ = timers.call_at(context_.world().clock().now() + delay, [this] {
        timer_ = {};
        begin();
    });
}

/// Who it is stands in a file that others may renew: it is read each time.
void LeafRemote::begin() {
    if (options_.credentials.empty()) {
        dial({});
        return;
    }
    context_.world().disk().read_file(
        options_.credentials, [this, alive = alive_](Result<std::string> const& content) {
            if (!*alive || stopped_) {
                return;
            }
            Result<claims::CredentialsFile> credentials =
                content.ok() ? claims::parse_credentials(content.value())
                             : Result<claims::CredentialsFile>(content.error());
            if (!credentials.ok()) {
                LOG(context_.log(), Error, "Error reading LeafNode Remote Credentials file ",
                    base::quoted(options_.credentials), ": ", credentials.error().detail());
            }
            dial(credentials.ok() ? std::move(credentials).value() : claims::CredentialsFile{});
        });
}

config::ServerUrl LeafRemote::next_url() {
    next_ = next_ < urls_.size() ? next_ : 0;
    config::ServerUrl url = urls_[next_++];
    if (url.user.empty() && url.password.empty()) {
        // What a hub tells of others of its kind names no user.
        auto const named = std::ranges::find_if(
            options_.urls, [](config::ServerUrl const& each) { return !each.user.empty(); });
        if (named != options_.urls.end()) {
            url.user = named->user;
            url.password = named->password;
        }
    }
    return url;
}

void LeafRemote::dial(claims::CredentialsFile credentials) {
    config::ServerUrl const url = next_url();
    ++attempts_;
    LOG(context_.log(), Debug, "Trying to connect as leafnode to remote server on ",
        url.authority());
    Duration const timeout =
        options_.dial_timeout.count() > 0 ? options_.dial_timeout : context_.leaf().dial_timeout;
    dial_ = context_.world().network().dial(
        url.host, static_cast<std::uint16_t>(url.port), timeout,
        [this, url, credentials](Result<std::unique_ptr<world::Link>> link) {
            std::unique_ptr<world::Dial> const over = std::move(dial_);
            if (!link.ok()) {
                failed(url, link.error());
                return;
            }
            was_good_ = true;
            LeafWay way{
                .remote = this, .url = url, .tls_host = url.host, .credentials = credentials};
            auto const named = std::ranges::find_if(options_.urls, [](auto const& each) {
                return !base::IpAddress::parse(each.host).ok();
            });
            if (base::IpAddress::parse(url.host).ok() && named != options_.urls.end()) {
                way.tls_host = named->host;
            }
            reached_(std::move(link).value(), std::move(way));
        });
}

void LeafRemote::failed(config::ServerUrl const& url, Error const& error) {
    config::Limits const& limits = context_.options().limits;
    std::int64_t const each = std::max<std::int64_t>(
        was_good_ ? limits.reconnect_error_reports : limits.connect_error_reports, 1);
    if (attempts_ == 1 || attempts_ % each == 0) {
        LOG(context_.log(), Error, "Error trying to connect as leafnode to remote server ",
            base::quoted(url.authority()), " (attempt ", attempts_, "): ", error.detail());
    }
    lost();
}

void LeafRemote::heard_of(std::vector<std::string> const& urls) {
    if (options_.ignore_discovered_servers) {
        return;
    }
    urls_.resize(written_);
    for (std::string const& text : urls) {
        Result<config::ServerUrl> url = config::ServerUrl::parse(text);
        if (!url.ok() || url.value().port < 1 || urls_.size() >= kMostHeardOf) {
            continue;
        }
        bool const known = std::ranges::any_of(urls_, [&](config::ServerUrl const& each) {
            return each.host == url.value().host && each.port == url.value().port;
        });
        if (!known) {
            urls_.push_back(std::move(url).value());
        }
    }
}

}  // namespace signalbox::cluster
