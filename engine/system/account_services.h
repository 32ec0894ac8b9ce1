#pragma once

#include "engine/system/answers.h"
#include "engine/system/request_rates.h"

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace signalbox::system {

/// What everyone may ask the servers from within his own account: who he is, and what there is to
/// tell of that account. Whose it is, the connection says, never the request: what belongs to
/// others is as if it did not exist.
class AccountServices {
public:
    AccountServices(SystemParts const& parts, Answers& answers);

    /// There are accounts, and others are gone.
    void accounts_changed();
    /// That account is to have its services before its first message.
    void serve(std::string_view account);

    /// The server's client in that account; null: there is none.
    dispatch::InternalClient* find(std::string_view account);

    std::uint64_t answered() const { return answered_; }
    std::uint64_t refused() const { return refused_; }

private:
    using Received = dispatch::ReceivedMessage;
    using Answer = void (AccountServices::*)(Asker const&, Received const&);

    void serve(account::Account& account);
    void subscribe(dispatch::InternalClient& client, std::string_view subject, Answer answer);
    void answer_connections(Asker const& to, Received const& request);
    void answer_stats(Asker const& to, Received const& request);
    void answer_user(Asker const& to, Received const& request);

    SystemParts parts_;
    Answers& answers_;
    RequestRates rates_{RequestRates::Limits{}};
    std::map<std::string, std::unique_ptr<dispatch::InternalClient>, std::less<>> clients_;
    std::uint64_t answered_ = 0;
    std::uint64_t refused_ = 0;
};

}  // namespace signalbox::system
