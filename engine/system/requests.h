#pragma once

#include "engine/monitor/connz.h"
#include "engine/monitor/request_fields.h"
#include "engine/system/answers.h"
#include "engine/system/reports.h"
#include "engine/system/request_rates.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::system {

/// What can be asked of a server in the system account, as the last token of the subject has it.
enum class Service {
    Statsz,
    Idz,
    Varz,
    Subsz,
    Connz,
    Routez,
    Gatewayz,
    Leafz,
    Accountz,
    Jsz,
    Healthz,
    Ipqueuesz,
    Raftz,
    Profilez,
    Expvarz,
    Reload,
    Kick,
    Ldm,
};

/// What can be asked there of one account.
enum class AccountService {
    Subsz,
    Connz,
    Leafz,
    Jsz,
    Info,
    Statz,
    Conns,
};

/// The services of the system account: whoever is in it may ask all of them.
class Requests {
public:
    Requests(SystemParts const& parts, Publisher& publisher, Reports& reports, Answers& answers);

    /// From now on they are there.
    void start();

    std::uint64_t answered() const { return answered_; }
    std::uint64_t refused() const { return refused_; }

private:
    using Received = dispatch::ReceivedMessage;

    void subscribe(std::string const& subject, std::function<void(Received const&)> answer);
    void answer(Service service, Received const& request);
    void answer(AccountService service, Received const& request);
    /// What both kinds of requests begin with: the options of one that is for this server, after
    /// whoever cannot be read was told so; nothing: there is nothing more to do.
    std::optional<monitor::RequestFields> read(Asker const& to, Received const& request);
    void answer_subscribers(Received const& request);
    void answer_subscribers_of(Received const& request);
    std::uint64_t subscribers(std::string_view account, std::string_view subject,
                              std::string_view queue) const;
    void answer_stats(Asker const& to);
    void answer_command(Service service, Asker const& to, monitor::RequestFields& fields);
    void answer_account_stats(Asker const& to, std::string_view account,
                              monitor::RequestFields& fields);
    void answer_document(Asker const& to, monitor::RequestFields const& fields,
                         Result<monitor::Answer> document);
    Result<monitor::Answer> document(Service service, monitor::RequestFields& fields);
    Result<monitor::Answer> document(AccountService service, std::string_view account,
                                     monitor::RequestFields& fields);
    std::string account() const { return publisher_.client().account().name(); }
    WallTime now() const { return parts_.world.clock().wall_now(); }

    SystemParts parts_;
    Publisher& publisher_;
    Reports& reports_;
    Answers& answers_;
    RequestRates rates_;
    std::uint64_t answered_ = 0;
    std::uint64_t refused_ = 0;
};

/// The connections that `fields` asks for. With an `account` it is theirs, whatever they say.
Result<monitor::Answer> connections_of(monitor::MonitorSource& source,
                                       monitor::RequestFields& fields, std::string_view account,
                                       WallTime now);

}  // namespace signalbox::system
