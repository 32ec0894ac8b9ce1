#include "engine/system/system_account.h"

#include "engine/base/text.h"

#include <utility>

namespace signalbox::system {
namespace {

std::string of_account(std::string_view account, std::string_view what) {
    return concat("$SYS.ACCOUNT.", account, ".", what);
}

}  // namespace

SystemAccount::SystemAccount(SystemParts const& parts)
    : source_(parts.source),
      publisher_(parts),
      reports_(parts, publisher_),
      answers_(parts.world.turn(), publisher_,
               [this](std::string_view account) { return account_services_.find(account); }),
      requests_(parts, publisher_, reports_, answers_),
      account_services_(parts, answers_),
      elsewhere_(parts, publisher_) {
    if (parts.operators != nullptr) {
        claims_services_ = std::make_unique<ClaimsServices>(*parts.operators, publisher_, answers_);
    }
}

void SystemAccount::start() {
    account_services_.accounts_changed();
    requests_.start();
    if (claims_services_) {
        claims_services_->start();
    }
    reports_.start();
    elsewhere_.start();
}

void SystemAccount::say(event::Event event) {
    if (!stopping_) {
        std::visit([this](auto const& one) { say_one(one); }, event);
    }
}

template <class OneEvent>
void SystemAccount::publish(std::string subject, OneEvent const& event) {
    if (publisher_.is_heard(subject)) {
        publisher_.publish(std::move(subject), event::to_json(publisher_.next_frame(), event));
    }
}

std::string SystemAccount::of_server(std::string_view what) const {
    return concat("$SYS.SERVER.", source_.server().id, ".", what);
}

void SystemAccount::publish_server(std::string_view what) {
    if (std::string subject = of_server(what); publisher_.is_heard(subject)) {
        publisher_.publish(std::move(subject), event::to_json(publisher_.next_word()));
    }
}

void SystemAccount::say_one(event::ClientConnected const& event) {
    account_services_.serve(event.client.account);
    publish(of_account(event.client.account, "CONNECT"), event);
    reports_.connections_changed(event.client.account);
}

void SystemAccount::say_one(event::ClientDisconnected const& event) {
    publish(of_account(event.client.account, "DISCONNECT"), event);
    reports_.connections_changed(event.client.account);
}

void SystemAccount::say_one(event::ClientRefused const& event) {
    publish(of_server("CLIENT.AUTH.ERR"), event);
    if (event.account_reason.empty()) {
        return;
    }
    // For those within the account, who do not hear what is said to the servers.
    if (dispatch::InternalClient* const client = account_services_.find(event.client.account)) {
        event::ClientRefused told = event;
        told.reason = event.account_reason;
        client->publish({.subject = "$SYS.ACCOUNT.CLIENT.AUTH.ERR",
                         .reply = {},
                         .headers = {},
                         .payload = event::to_json(publisher_.next_frame(), told)});
    }
}

void SystemAccount::say_one(event::LameDuckBegun const&) {
    publish_server("LAMEDUCK");
}

void SystemAccount::say_one(event::ServerStopping const&) {
    publish_server("SHUTDOWN");
    stopping_ = true;
}

void SystemAccount::say_one(event::PeerCertificateRefused const& event) {
    publish(of_server("OCSP.PEER.CONN.REJECT"), event);
}

void SystemAccount::say_one(event::CertificateLinkInvalid const& event) {
    publish(of_server("OCSP.PEER.LINK.INVALID"), event);
}

monitor::SystemFacts SystemAccount::facts() const {
    return {.events = publisher_.published(),
            .requests = requests_.answered() + account_services_.answered(),
            .refused = requests_.refused() + account_services_.refused()};
}

}  // namespace signalbox::system
