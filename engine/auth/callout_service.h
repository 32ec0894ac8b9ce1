#pragma once

#include "engine/account/account_directory.h"
#include "engine/auth/callout_request.h"
#include "engine/base/logger.h"
#include "engine/claims/authorization_claims.h"
#include "engine/claims/user_claims.h"
#include "engine/dispatch/dispatcher.h"
#include "engine/dispatch/internal_client.h"
#include "engine/world/world.h"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>

namespace signalbox::auth {

/// Where questions about users are asked.
inline constexpr char kCalloutSubject[] = "$SYS.REQ.USER.AUTH";

/// Asks the services that decide who may come in: one question after the other is published in the
/// account of the service, and the first answer to each counts.
class CalloutService {
public:
    struct Parts {
        World& world;
        account::AccountDirectory& accounts;
        dispatch::Dispatcher& dispatcher;
        CalloutServer server;
    };

    /// Which service is asked.
    struct Target {
        std::string account;
        std::string issuer;  ///< The account key that the question names.
        std::string xkey;    ///< What it is sealed for; empty: it is not.
        Duration timeout = base::seconds(2);
    };

    /// What was answered: about the right user and for this server. Whether whoever signed it may
    /// say so is for the asker to find out.
    struct Answer {
        claims::AuthorizationResponse response;
        std::string user_nkey;
    };
    /// Errors: TimedOut, NotFound (no such account), PermissionDenied (what the service said),
    /// Malformed. The texts are those of the reference.
    using OnAnswer = std::function<void(Result<Answer>)>;

    /// All outlive it.
    explicit CalloutService(Parts parts);
    ~CalloutService();

    CalloutService(CalloutService const&) = delete;
    CalloutService& operator=(CalloutService const&) = delete;

    /// Answers once, later; not at all when this is gone.
    void ask(Target const& target, Credentials const& credentials, OnAnswer done);

    /// Not more are waited for; who comes then is refused.
    static constexpr std::size_t kMaxWaiting = 65'536;

private:
    struct Waiting {
        std::string user_nkey;
        Target target;
        OnAnswer done;
        world::TimerId timer;
    };
    struct Client {
        std::unique_ptr<dispatch::InternalClient> client;
        std::string inbox;  ///< Answers come below it.
    };

    Client* client_of(std::string const& account);
    std::string unlikely_token();
    void answered(dispatch::ReceivedMessage const& message);
    Result<Answer> read(Waiting const& waiting, dispatch::ReceivedMessage const& message) const;
    void finish(std::string const& inbox, Result<Answer> answer);

    Parts parts_;
    std::unique_ptr<world::Entropy> entropy_;
    std::optional<crypto::CurveKey> xkey_;
    std::map<std::string, Client> clients_;
    std::map<std::string, Waiting> waiting_;  ///< By the subject their answer comes on.
};

}  // namespace signalbox::auth
