#pragma once

#include "engine/base/json_reader.h"
#include "engine/base/result.h"
#include "engine/base/time.h"
#include "engine/client/client.h"
#include "engine/host/remote_options.h"
#include "engine/tls/context.h"
#include "engine/transport/http_exchange.h"
#include "engine/world/world.h"

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace signalbox::host {

/// What a server can be asked for.
enum class Document {
    Varz,
    Connz,
    ClosedConnz,
    Subsz,
    Accstatz,
    Routez,
    Gatewayz,
    Leafz,
};
inline constexpr std::size_t kDocuments = 8;

/// As people know it: `VARZ`.
std::string_view name_of(Document document);

/// At most so many entries of a list are asked for at a time.
inline constexpr std::size_t kMostListed = 1'024;

/// An answer, parsed.
struct Answer {
    Json whole;
    bool enveloped = false;  ///< The document is its `data`.
    std::size_t bytes = 0;
    Duration after{0};

    /// Errors: Malformed, Unavailable.
    Result<Json const*> document() const;
};

using OnAnswer = std::function<void(Result<Answer>)>;

/// A way of asking one server for its documents.
class Asking {
public:
    virtual ~Asking() = default;

    /// `done` is called at most once, never from within this call, and not after the end of what
    /// asks. Errors, of `done`: TimedOut, Closed, NotFound (this server has no such document),
    /// Malformed, Unavailable.
    /// `offset`: of a list, from which entry on.
    virtual void ask(Document document, std::size_t offset, OnAnswer done) = 0;
};

/// By requests of a user of the system account.
class SystemAsking final : public Asking {
public:
    /// `client` outlives it.
    SystemAsking(client::Client& client, std::string server_id, std::string server_name)
        : client_(client), id_(std::move(server_id)), name_(std::move(server_name)) {}

    void ask(Document document, std::size_t offset, OnAnswer done) override;

private:
    client::Client& client_;
    std::string id_;
    std::string name_;
};

/// By what an ordinary user is told: the connections of its own account.
class OwnAccountAsking final : public Asking {
public:
    OwnAccountAsking(client::Client& client, std::string server_name)
        : client_(client), name_(std::move(server_name)) {}

    void ask(Document document, std::size_t offset, OnAnswer done) override;

private:
    client::Client& client_;
    std::string name_;
};

/// By its monitoring listener. The end of it gives up what was asked.
class MonitoringAsking final : public Asking {
public:
    /// `tls` is for `https`; null: the authorities of the system are trusted.
    MonitoringAsking(World& world, MonitoringUrl url, tls::ContextPtr tls)
        : world_(world), url_(std::move(url)), tls_(std::move(tls)) {}

    void ask(Document document, std::size_t offset, OnAnswer done) override;

    MonitoringUrl const& url() const { return url_; }
    tls::ContextPtr const& tls() const { return tls_; }

private:
    World& world_;
    MonitoringUrl url_;
    tls::ContextPtr tls_;
    std::map<std::uint64_t, std::unique_ptr<transport::HttpExchange>> exchanges_;
    std::shared_ptr<bool> const alive_ = std::make_shared<bool>(true);
    std::uint64_t last_ = 0;
};

/// The body of one request over a client connection, sent on `subject`.
void ask_over(client::Client& client, std::string const& subject, std::string const& body,
              OnAnswer done);

}  // namespace signalbox::host
