#include "engine/auth/url_resolver.h"

#include "engine/base/text.h"
#include "engine/claims/token.h"
#include "engine/config/tls_settings.h"

namespace signalbox::auth {
namespace {

constexpr int kOk = 200;
constexpr int kNotFound = 404;

}  // namespace

UrlResolver::UrlResolver(World& world, config::ResolverOptions const& options,
                         std::vector<std::pair<std::string, std::string>> const& preload)
    : world_(world),
      url_(options.url),
      timeout_(options.timeout),
      preload_(preload.begin(), preload.end()) {
    if (!url_.ends_with('/')) {
        url_ += '/';
    }
    if (options.tls) {
        Result<tls::ContextPtr> context =
            tls::Context::create(tls::Role::Client, config::dialling_settings(*options.tls));
        if (context.ok()) {
            tls_ = std::move(context).value();
        } else {
            tls_fault_ = context.error().detail();
        }
    }
}

void UrlResolver::get(std::string const& url, OnFetched done) {
    if (!tls_fault_.empty()) {
        done(Error(Errc::Unavailable, concat("resolver_tls: ", tls_fault_)));
        return;
    }
    std::uint64_t const number = next_exchange_++;
    transport::HttpQuery const query{
        .url = url, .timeout = timeout_, .body_limit = claims::kMaxTokenBytes, .tls = tls_};
    auto exchange = transport::HttpExchange::start(
        world_, query, [this, number, done](transport::HttpExchange::Outcome outcome) {
            // The exchange is on the stack, and this is a part of it: both stay until it is done.
            auto const kept = std::move(exchanges_.extract(number).mapped());
            OnFetched const answer = done;
            if (!outcome.ok()) {
                answer(outcome.error());
                return;
            }
            if (outcome.value().status != kOk) {
                answer(
                    Error(outcome.value().status == kNotFound ? Errc::NotFound : Errc::Unavailable,
                          concat("the account server answered ", outcome.value().status)));
                return;
            }
            answer(std::move(outcome.value().body));
        });
    if (!exchange.ok()) {
        done(exchange.error());
        return;
    }
    exchanges_.emplace(number, std::move(exchange).value());
}

void UrlResolver::start(OnDone done) {
    get(url_, [done = std::move(done), url = url_](Result<std::string> const& body) {
        if (body.ok()) {
            done({});
            return;
        }
        done(Error(Errc::Unavailable,
                   concat("could not fetch ", base::quoted(url), ": ", body.error().detail())));
    });
}

void UrlResolver::fetch(std::string const& key, OnFetched done) {
    auto const found = preload_.find(key);
    if (found != preload_.end()) {
        done(found->second);
        return;
    }
    get(url_ + key, std::move(done));
}

void UrlResolver::keep(std::string const& key, std::string const& jwt,
                       std::function<void(Result<bool>)> done) {
    auto const found = preload_.find(key);
    if (found != preload_.end()) {
        found->second = jwt;
    }
    done(found != preload_.end());
}

}  // namespace signalbox::auth
