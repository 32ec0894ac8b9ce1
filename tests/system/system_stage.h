#pragma once

#include "engine/base/json_reader.h"

#include "tests/server/server_stage.h"

#include <string>
#include <string_view>
#include <vector>

namespace signalbox::system {

using base::milliseconds;
using base::seconds;

/// A message as a client gets it.
struct Got {
    std::string subject;
    std::string headers;
    std::string payload;
    std::string reply;  ///< Empty: none.
};

/// The messages in what a client was sent; other lines are passed over.
inline std::vector<Got> messages_in(std::string_view bytes) {
    std::vector<Got> found;
    while (!bytes.empty()) {
        std::size_t const end = bytes.find("\r\n");
        std::string_view const line = bytes.substr(0, end);
        bytes.remove_prefix(end == std::string_view::npos ? bytes.size() : end + 2);
        bool const with_headers = line.starts_with("HMSG ");
        if (!with_headers && !line.starts_with("MSG ")) {
            continue;
        }
        auto const words = base::split(line, ' ');
        auto const size = std::stoul(std::string(words.back()));
        auto const head = with_headers ? std::stoul(std::string(words[words.size() - 2])) : 0;
        std::size_t const without_reply = with_headers ? 5 : 4;
        found.push_back({.subject = std::string(words[1]),
                         .headers = std::string(bytes.substr(0, head)),
                         .payload = std::string(bytes.substr(head, size - head)),
                         .reply = words.size() > without_reply ? std::string(words[3]) : ""});
        bytes.remove_prefix(size + 2);
    }
    return found;
}

inline config::AccountOptions account_with(std::string name, std::string user) {
    config::AccountOptions account;
    account.name = std::move(name);
    config::User one;
    one.name = user;
    one.password = crypto::Secret(user + "-planted-secret");
    account.users.push_back(std::move(one));
    return account;
}

/// A server with the system account SYS, two tenants A and B, and a user in each.
inline config::Options two_tenants() {
    config::Options options = server::on("10.0.0.1");
    options.server_name = "box";
    options.server_tags = {"blue", "az:1"};
    options.monitoring.http = config::ListenAddress{.host = "", .port = 8222};
    options.system_account = "SYS";
    options.accounts = {account_with("SYS", "sys"), account_with("A", "ann"),
                        account_with("B", "bob")};
    return options;
}

/// A server, and clients of it that say who they are.
struct SystemStage {
    explicit SystemStage(config::Options options = two_tenants())
        : running(stage.start(std::move(options))) {}

    /// `user` empty: anonymous.
    server::RawClient& connect(std::string const& user, std::string const& more = {}) {
        server::RawClient& peer = stage.dial(*stage.far, "10.0.0.1", 4222);
        std::string const who = user.empty() ? std::string()
                                             : concat(",\"user\":\"", user, "\",\"pass\":\"", user,
                                                      "-planted-secret\",\"name\":\"", user, "\"");
        stage.ask(*stage.far, peer,
                  concat("CONNECT {\"verbose\":false,\"protocol\":1,\"headers\":true,"
                         "\"no_responders\":true,\"lang\":\"raw\"",
                         who, more, "}\r\nPING\r\n"));
        peer.take_bytes();
        return peer;
    }

    /// The answers that came within a moment.
    std::vector<Got> ask(server::RawClient& peer, std::string const& subject,
                         std::string const& body = {}, std::string const& headers = {}) {
        std::string const inbox = concat("_I.", ++inboxes);
        std::string const publish = headers.empty()
                                        ? concat("PUB ", subject, " ", inbox, " ", body.size())
                                        : concat("HPUB ", subject, " ", inbox, " ", headers.size(),
                                                 " ", headers.size() + body.size());
        std::string const bytes = stage.ask(*stage.far, peer,
                                            concat("SUB ", inbox, " 77\r\n", publish, "\r\n",
                                                   headers, body, "\r\nUNSUB 77 50\r\n"));
        std::vector<Got> found;
        for (Got& got : messages_in(bytes)) {
            if (got.subject == inbox) {
                found.push_back(std::move(got));
            }
        }
        stage.ask(*stage.far, peer, "UNSUB 77\r\n");
        return found;
    }

    /// The one answer as JSON; null when there is not just one, or it is none.
    Json answer(server::RawClient& peer, std::string const& subject, std::string const& body = {}) {
        auto const found = ask(peer, subject, body);
        if (found.size() != 1) {
            return {};
        }
        return Json::parse(found.front().payload).value_or(Json());
    }

    /// What came on `subject` of all that was heard.
    static std::vector<Json> heard(std::vector<Got> const& all, std::string const& subject) {
        std::vector<Json> found;
        for (Got const& got : all) {
            if (got.subject == subject) {
                found.push_back(Json::parse(got.payload).value_or(Json()));
            }
        }
        return found;
    }

    void listen(server::RawClient& peer, std::string const& filter) {
        stage.ask(*stage.far, peer, concat("SUB ", filter, " ", ++subscriptions, "\r\n"));
        peer.take_bytes();
    }

    std::string id() const { return running.server->identity().id; }

    server::Stage stage;
    server::Running& running;
    int inboxes = 0;
    int subscriptions = 1'000;
};

/// The text at that path of members; `(none)` when there is none.
inline std::string text_at(Json const& json, std::initializer_list<char const*> path) {
    Json const* at = &json;
    for (char const* name : path) {
        at = at == nullptr ? nullptr : at->find(name);
    }
    return at == nullptr || at->as_text() == nullptr ? "(none)" : *at->as_text();
}

inline std::int64_t number_at(Json const& json, std::initializer_list<char const*> path) {
    Json const* at = &json;
    for (char const* name : path) {
        at = at == nullptr ? nullptr : at->find(name);
    }
    return at == nullptr ? -1 : at->as_int().value_or(-1);
}

}  // namespace signalbox::system
