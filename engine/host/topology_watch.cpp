#include "engine/host/topology_watch.h"

#include <cstddef>
#include <utility>

namespace signalbox::host {

void TopologyWatch::add(std::uint32_t number, std::string name, std::unique_ptr<Asking> asking) {
    picture_.add(number, std::move(name));
    Asked& asked = asked_[number];
    asked.rounds.reset();
    asked.asking = std::move(asking);
    asked.rounds =
        std::make_unique<RemoteRounds>(world_, [this, number](Document document, Json const& json) {
            take(number, document, json);
            return std::size_t{0};  // The first page of a list will do.
        });
    for (Document const document : {Document::ClosedConnz, Document::Accstatz}) {
        asked.rounds->want(document, false);
    }
    for (Document const document : {Document::Routez, Document::Gatewayz, Document::Leafz}) {
        asked.rounds->want(document, true);
    }
    asked.rounds->set_watched(watched_);
    asked.rounds->use(asked.asking.get());
}

void TopologyWatch::remove(std::uint32_t number) {
    asked_.erase(number);
    picture_.remove(number);
}

void TopologyWatch::clear() {
    while (!asked_.empty()) {
        remove(asked_.begin()->first);
    }
}

void TopologyWatch::set_watched(bool watched) {
    watched_ = watched;
    for (auto& [number, asked] : asked_) {
        asked.rounds->set_watched(watched);
    }
}

void TopologyWatch::take(std::uint32_t number, Document document, Json const& json) {
    Instant const now = world_.clock().now();
    using observe::TopologyLinkKind;
    // What is no such document leaves what was known.
    auto const peers = [&](TopologyLinkKind kind, Result<std::vector<PeerFigures>> const& read) {
        if (read.ok()) {
            picture_.take(number, kind, read.value(), now);
        }
    };
    if (document == Document::Varz) {
        if (Result<ServerFigures> const read = read_varz(json); read.ok()) {
            picture_.take(number, read.value(), now);
        }
    } else if (document == Document::Connz) {
        if (Result<ConnectionsDocument> const read = read_connz(json); read.ok()) {
            picture_.take(number, read.value(), now);
        }
    } else if (document == Document::Routez) {
        peers(TopologyLinkKind::Route, read_routez(json));
    } else if (document == Document::Gatewayz) {
        peers(TopologyLinkKind::Gateway, read_gatewayz(json));
    } else if (document == Document::Leafz) {
        peers(TopologyLinkKind::Leaf, read_leafz(json));
    }
}

observe::TopologyPtr TopologyWatch::make() {
    for (auto& [number, asked] : asked_) {
        picture_.set_fresh(number, asked.rounds->is_fresh());
    }
    return picture_.make();
}

}  // namespace signalbox::host
