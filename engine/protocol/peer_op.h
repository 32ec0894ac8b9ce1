#pragma once

#include "engine/base/bytes.h"
#include "engine/subject/subject.h"

#include <cstdint>
#include <string_view>

namespace signalbox::protocol {

/// What servers are to each other over a connection; each kind has its own verbs.
enum class PeerKind : std::uint8_t {
    Route,    ///< Of one cluster.
    Gateway,  ///< Of two clusters.
    Leaf,     ///< One is attached to the other by one account.
};

/// How the lines of one connection are written, as far as that differs.
struct PeerForm {
    PeerKind kind = PeerKind::Route;
    /// Lines name their account; not on leaf nodes, and not on a route that one account has alone.
    bool accounts = true;
    /// `LS-` names the cluster of the leaf node, as servers since 2.10.23 have it. Of routes.
    bool origin_in_removal = false;

    friend bool operator==(PeerForm const&, PeerForm const&) = default;
};

/// RMSG, LMSG, HMSG: a message of one server to another. All views are into the bytes as they came.
struct PeerMessage {
    std::string_view origin;   ///< The cluster of the leaf node it came by; of LMSG on routes.
    std::string_view account;  ///< Empty where lines name none.
    subject::PublishSubject subject;
    std::string_view reply;
    /// The names of the queue groups it is to be served to, with blanks between.
    std::string_view queues;
    bool names_queues = false;  ///< The line has such names, be they none.
    std::string_view sizes;     ///< As a MSG or HMSG repeats them: `5`, or `12 17`.
    Bytes headers;
    Bytes payload;  ///< Without the headers.
    Bytes tail;     ///< What may follow the sid of a MSG (with headers, of an HMSG); empty when
                    ///< the line was not written so.
};

/// RS+, RS-, LS+, LS-: somebody over there wants messages, or does no longer.
struct PeerInterest {
    bool by_leaf = false;     ///< LS+ and LS-.
    std::string_view origin;  ///< The cluster of the leaf node it is for; of LS+ and LS- on routes.
    std::string_view account;  ///< Empty where lines name none.
    std::string_view filter;   ///< Not checked yet.
    std::string_view queue;    ///< Empty: plain.
    std::uint32_t weight = 0;  ///< How many members of the queue group there are; not of removals.
};

}  // namespace signalbox::protocol
