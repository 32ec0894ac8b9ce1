#pragma once

#include "engine/base/result.h"
#include "engine/claims/credentials_file.h"
#include "engine/cluster/leaf_context.h"
#include "engine/config/leaf_options.h"
#include "engine/world/network.h"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace signalbox::cluster {

class LeafRemote;

/// How a hub was reached.
struct LeafWay {
    LeafRemote* remote = nullptr;  ///< Outlasts the connection.
    config::ServerUrl url;
    std::string tls_host;  ///< Whom its certificate must be for.
    claims::CredentialsFile credentials;
};

/// The servers of one entry of `remotes`: dialled one after the other until one answers, and again
/// when the connection is lost.
class LeafRemote {
public:
    using OnReached = std::function<void(std::unique_ptr<world::Link>, LeafWay)>;

    /// `context` outlives it. Errors: InvalidArgument (its TLS).
    static Result<std::unique_ptr<LeafRemote>> create(LeafContext& context,
                                                      config::LeafRemoteOptions options,
                                                      OnReached reached);
    ~LeafRemote();

    LeafRemote(LeafRemote const&) = delete;
    LeafRemote& operator=(LeafRemote const&) = delete;

    /// Begins to dial, unless it is disabled.
    void start();
    /// No more attempts from now on. The one that is on its way is given up.
    void stop();
    bool is_stopped() const { return stopped_; }

    /// The connection is gone, or was none: it is dialled again.
    void lost();
    /// The next attempt comes no sooner than this.
    void hold_off(Duration pause) { hold_off_ = pause; }
    /// The connection is good: what was tried before does not count any more.
    void settled() { attempts_ = 0; }

    /// The hub told where all servers of its cluster are, in place of what it told before.
    void heard_of(std::vector<std::string> const& urls);

    config::LeafRemoteOptions const& options() const { return options_; }
    /// Null: this machine can make none.
    tls::ContextPtr tls();
    /// Whatever the hub says.
    bool wants_tls() const;

private:
    LeafRemote(LeafContext& context, config::LeafRemoteOptions options, tls::ContextPtr tls,
               OnReached reached);

    void wait(Duration delay);
    void begin();
    void dial(claims::CredentialsFile credentials);
    void failed(config::ServerUrl const& url, Error const& error);
    config::ServerUrl next_url();

    LeafContext& context_;
    config::LeafRemoteOptions options_;
    tls::ContextPtr tls_;
    OnReached reached_;
    std::vector<config::ServerUrl>
        urls_;                 ///< Those that are written first, in the order of trying.
    std::size_t written_ = 0;  ///< So many of them are written.
    std::size_t next_ = 0;
    Duration hold_off_{0};
    std::int64_t attempts_ = 0;  ///< Since one was good.
    bool was_good_ = false;
    bool stopped_ = false;
    world::TimerId timer_;
    std::unique_ptr<world::Dial> dial_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signalbox::cluster
