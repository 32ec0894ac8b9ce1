#pragma once

#include "engine/auth/account_resolver.h"
#include "engine/transport/http_exchange.h"
#include "engine/world/world.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace signalbox::auth {

/// JWTs from an HTTP server, which answers `GET <url>/<account key>` with them.
class UrlResolver final : public AccountResolver {
public:
    UrlResolver(World& world, config::ResolverOptions const& options,
                std::vector<std::pair<std::string, std::string>> const& preload);
    ~UrlResolver() override { *alive_ = false; }

    UrlResolver(UrlResolver const&) = delete;
    UrlResolver& operator=(UrlResolver const&) = delete;

    /// The bare URL has to answer 200. Errors: Unavailable.
    void start(OnDone done) override;
    void fetch(std::string const& key, OnFetched done) override;
    void keep(std::string const& key, std::string const& jwt,
              std::function<void(Result<bool>)> done) override;

private:
    void get(std::string const& url, OnFetched done);

    World& world_;
    std::string url_;  ///< With a slash at its end.
    Duration timeout_;
    tls::ContextPtr tls_;
    std::string tls_fault_;  ///< What is wrong with the certificates for it; empty: nothing.
    std::map<std::string, std::string> preload_;
    std::map<std::uint64_t, std::unique_ptr<transport::HttpExchange>> exchanges_;
    std::uint64_t next_exchange_ = 1;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  ///< For what is deferred.
};

}  // namespace signalbox::auth
