#pragma once

#include "engine/auth/operator_mode.h"
#include "engine/system/answers.h"
#include "engine/system/publisher.h"

#include <functional>
#include <string>
#include <string_view>

namespace signalbox::system {

/// What tools and other servers ask of the accounts that JWTs tell of: to be shown, changed, listed
/// and deleted. Whoever is in the system account may ask, but what he brings has to be signed by an
/// operator.
class ClaimsServices {
public:
    /// All outlive it.
    ClaimsServices(auth::OperatorMode& operators, Publisher& publisher, Answers& answers);

    /// From now on they are there.
    void start();

private:
    using Received = dispatch::ReceivedMessage;

    void subscribe(std::string const& subject, void (ClaimsServices::*answer)(Received const&));
    void look_up(Received const& request);
    void update(Received const& request);
    void list(Received const& request);
    void remove(Received const& request);
    void pack(Received const& request);

    /// Why a deletion is refused; else nothing.
    Result<std::vector<std::string>> accounts_to_delete(std::string_view jwt) const;
    void updated(Asker const& to, std::string const& account, Result<bool> const& kept);
    void send(Asker const& to, std::string const& account, int code, std::string_view text);

    auth::AccountResolver& resolver() const { return operators_.accounts().resolver(); }

    auth::OperatorMode& operators_;
    Publisher& publisher_;
    Answers& answers_;
};

}  // namespace signalbox::system
