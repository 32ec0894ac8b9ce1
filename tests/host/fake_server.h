#pragma once

#include "engine/base/text.h"
#include "engine/protocol/client_parser.h"
#include "engine/world/world.h"

#include "tests/support/raw_client.h"

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace signalbox::host {

/// A server that answers what a test tells it to answer, and shows what its clients asked.
class FakeServer {
public:
    FakeServer(World& world, std::uint16_t port) : world_(world), port_(port) { listen(); }

    /// The INFO, without its id.
    std::string info = R"("server_name":"far","version":"2.99.0","client_id":7,"headers":true)";
    std::string id = "NFAR";
    /// The answer on a subject; on others there are no responders.
    std::map<std::string, std::string> answers;
    /// What is said to a CONNECT; empty: all are let in.
    std::string refusal;
    std::vector<std::string> connects;
    std::vector<std::string> published;  ///< Subjects.

    void listen() {
        listener_ = world_.network()
                        .listen({"0.0.0.0", port_},
                                [this](std::unique_ptr<world::Link> link) {
                                    peers_.push_back(std::make_unique<Peer>());
                                    peers_.back()->raw.take(std::move(link));
                                    peers_.back()->raw.send(
                                        concat("INFO {\"server_id\":\"", id, "\",", info, "}\r\n"));
                                })
                        .value();
    }
    void stop() {
        listener_.reset();
        peers_.clear();
    }

    /// Deals with what came; called again and again by the test.
    void turn() {
        for (std::unique_ptr<Peer> const& peer : peers_) {
            peer->input += peer->raw.take_bytes();
            protocol::ClientParser parser({});
            parser.allow_headers(true);
            parser.feed(peer->input);
            while (act(*peer, parser)) {
            }
            peer->input.clear();
        }
    }

    bool is_subscribed(std::string const& filter) const {
        for (std::unique_ptr<Peer> const& peer : peers_) {
            for (auto const& [sid, one] : peer->subscriptions) {
                if (one == filter) {
                    return true;
                }
            }
        }
        return false;
    }

    /// Delivers to whoever is subscribed to exactly that filter.
    void say(std::string const& filter, std::string const& subject, std::string const& payload) {
        for (std::unique_ptr<Peer> const& peer : peers_) {
            for (auto const& [sid, one] : peer->subscriptions) {
                if (one == filter) {
                    peer->raw.send(concat("MSG ", subject, ' ', sid, ' ', payload.size(), "\r\n",
                                          payload, "\r\n"));
                }
            }
        }
    }
    void say_raw(std::string_view bytes) {
        for (std::unique_ptr<Peer> const& peer : peers_) {
            peer->raw.send(bytes);
        }
    }

private:
    struct Peer {
        support::RawPeer raw;
        std::string input;
        std::map<std::string, std::string> subscriptions;  ///< Filters by sid.
    };

    /// False when nothing whole is left. Frames come whole: tests send little.
    bool act(Peer& peer, protocol::ClientParser& parser) {
        using Step = protocol::ClientParser::Step;
        switch (parser.next()) {
            case Step::Ping:
                peer.raw.send("PONG\r\n");
                return true;
            case Step::Connect:
                connects.emplace_back(parser.json());
                if (!refusal.empty()) {
                    peer.raw.send(concat("-ERR '", refusal, "'\r\n"));
                    peer.raw.close();
                    return false;
                }
                return true;
            case Step::Subscribe:
                peer.subscriptions[std::string(parser.subscribe().sid)] = parser.subscribe().filter;
                return true;
            case Step::Unsubscribe:
                peer.subscriptions.erase(std::string(parser.unsubscribe().sid));
                return true;
            case Step::Publish:
                answer(peer, parser.publish());
                return true;
            case Step::NeedMore:
            case Step::Fault:
                return false;
            default:
                return true;
        }
    }

    void answer(Peer& peer, protocol::Publish const& publish) {
        std::string const subject(publish.subject.text());
        published.push_back(subject);
        if (publish.reply.empty()) {
            return;
        }
        // The inbox is the subscription whose filter is the reply's but for its last token.
        std::string const prefix(publish.reply.substr(0, publish.reply.rfind('.')));
        for (auto const& [sid, filter] : peer.subscriptions) {
            if (filter != prefix + ".*") {
                continue;
            }
            auto const found = answers.find(subject);
            if (found == answers.end()) {
                peer.raw.send(
                    concat("HMSG ", publish.reply, ' ', sid, " 16 16\r\nNATS/1.0 503\r\n\r\n\r\n"));
            } else {
                peer.raw.send(concat("MSG ", publish.reply, ' ', sid, ' ', found->second.size(),
                                     "\r\n", found->second, "\r\n"));
            }
        }
    }

    World& world_;
    std::uint16_t port_;
    std::unique_ptr<world::Listener> listener_;
    std::vector<std::unique_ptr<Peer>> peers_;
};

/// What a user of the system account is told by it.
inline std::map<std::string, std::string> system_answers(std::uint64_t in_msgs) {
    std::string const server = R"({"server":{"id":"NFAR","name":"far"},"data":)";
    return {
        {"$SYS.REQ.SERVER.NFAR.VARZ",
         concat(server, R"({"server_id":"NFAR","server_name":"far","version":"2.99.0",)",
                R"("start":"2024-05-06T07:08:09.5Z","now":"2024-05-06T08:08:09Z",)",
                R"("cluster":{"name":"east"},"cpu":12.5,"mem":1048576,"max_pending":1000,)",
                R"("connections":2,"total_connections":9,"subscriptions":4,"slow_consumers":1,)",
                R"("in_msgs":)", in_msgs, R"(,"in_bytes":0,"out_msgs":0,"out_bytes":0}})")},
        {"$SYS.REQ.SERVER.NFAR.CONNZ",
         concat(server, R"({"total":2,"connections":[{"cid":5,"kind":"Client","ip":"10.1.1.1",)",
                R"("port":99,"name":"shop","lang":"go","account":"A","authorized_user":"ada",)",
                R"("pending_bytes":800,"rtt":"1.5ms","in_msgs":)", in_msgs, R"(},{"cid":7}]}})")},
        {"$SYS.REQ.SERVER.NFAR.SUBSZ",
         concat(server, R"({"num_subscriptions":3,"subscriptions_list":[)",
                R"({"account":"A","subject":"orders.*","sid":"1","cid":5},)",
                R"({"account":"A","subject":"mine","sid":"1","cid":7}]}})")},
        {"$SYS.REQ.ACCOUNT.PING.STATZ",
         concat(server, R"({"account_statz":[{"acc":"B","conns":1},{"acc":"A","conns":2,)",
                R"("received":{"msgs":3,"bytes":30},"sent":{"msgs":4,"bytes":40}}]}})")}};
}

}  // namespace signalbox::host
