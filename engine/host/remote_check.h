#pragma once

#include "engine/base/time.h"
#include "engine/client/client.h"
#include "engine/host/remote_documents.h"
#include "engine/host/remote_options.h"
#include "engine/protocol/server_parser.h"
#include "engine/tls/settings.h"
#include "engine/transport/http_exchange.h"
#include "engine/world/world.h"

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::host {

/// One thing that has to go well on the way to a server.
struct CheckStep {
    enum class State {
        Waiting,
        Running,
        Passed,
        Warning,  ///< One can do without it, and sees less.
        Failed,
        Skipped,
    };
    State state = State::Waiting;
    Duration took{0};
    std::string text;  ///< What was found, or what it means that it failed.
};

/// In this order.
enum class Check {
    Resolve,
    Connect,
    Greeting,
    Tls,
    Login,
    System,
    Monitoring,
};
inline constexpr std::size_t kChecks = 7;
using CheckSteps = std::array<CheckStep, kChecks>;

/// Goes the way to a server step by step and tells how each went. Belongs to one thread.
class RemoteCheck final : private world::LinkOwner {
public:
    using OnChange = std::function<void(CheckSteps const&, bool done)>;

    /// `on_change` is called after each step, never from within a call to this.
    RemoteCheck(World& world, RemoteOptions options, OnChange on_change);
    ~RemoteCheck() override;

    RemoteCheck(RemoteCheck const&) = delete;
    RemoteCheck& operator=(RemoteCheck const&) = delete;

    void start();

private:
    void received(Bytes bytes) override;
    void writable() override {}
    void ended(world::LinkEnd why, std::string_view detail) override;

    void begin_with(Result<tls::Settings> const& trusted);
    void resolve();
    void dial();
    void greeted(Bytes json);
    void encrypt();
    void encrypted(Result<std::shared_ptr<tls::PeerIdentity const>> const& peer);
    void log_in();
    void logged_in(client::State state, std::string_view detail);
    void ask_system();
    void log_in_system();
    void fetch_monitoring();
    void monitored(client::ServerAddress const& place,
                   transport::HttpExchange::Outcome const& answer);
    void skip_to_monitoring();

    void begin(Check check);
    void end(CheckStep::State state, std::string text);
    void skip(Check check, std::string text);
    void finish();
    CheckStep& step(Check check) { return steps_[static_cast<std::size_t>(check)]; }
    client::ServerAddress const& server() const { return urls_.servers.front(); }

    World& world_;
    RemoteOptions const options_;
    OnChange on_change_;
    ServerUrls urls_;
    CheckSteps steps_;
    Check now_ = Check::Resolve;
    Instant since_;
    std::unique_ptr<world::Dial> dial_;
    std::unique_ptr<world::Link> link_;
    protocol::ServerParser parser_;
    std::optional<ServerGreeting> greeting_;
    std::unique_ptr<client::Client> client_;
    std::unique_ptr<client::Client> system_;
    std::unique_ptr<transport::HttpExchange> fetch_;
    tls::Settings trusted_;
    std::shared_ptr<bool> const alive_ = std::make_shared<bool>(true);
    world::TimerId timer_;
};

/// A check on a thread of its own. Any call comes from the owner's thread; none blocks but the
/// destructor, which gives up.
class RemoteCheckThread {
public:
    explicit RemoteCheckThread(RemoteOptions options);
    ~RemoteCheckThread();

    RemoteCheckThread(RemoteCheckThread const&) = delete;
    RemoteCheckThread& operator=(RemoteCheckThread const&) = delete;

    CheckSteps steps() const;
    bool done() const;

private:
    class Impl;
    std::unique_ptr<Impl> impl_;
};

}  // namespace signalbox::host
