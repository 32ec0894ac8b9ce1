#include "engine/protocol/peer_writer.h"

namespace signalbox::protocol {
namespace {

/// The words of a line of interest, but for the verb and what follows the filter.
void append_place(std::string& out, PeerForm const& form, PeerInterest const& interest,
                  bool with_origin) {
    if (with_origin) {
        append(out, interest.origin, ' ');
    }
    if (form.accounts) {
        append(out, interest.account, ' ');
    }
    out += interest.filter;
    if (!interest.queue.empty()) {
        append(out, ' ', interest.queue);
    }
}

bool names_origins(PeerForm const& form, PeerInterest const& interest) {
    return interest.by_leaf && form.kind == PeerKind::Route;
}

}  // namespace

void append_message_head(std::string& out, PeerForm const& form, bool with_headers,
                         std::string_view origin, std::string_view account,
                         std::string_view subject) {
    if (!origin.empty() && form.kind == PeerKind::Route) {
        append(out, "LMSG ", origin, ' ');
    } else {
        out += with_headers ? "HMSG " : form.kind == PeerKind::Leaf ? "LMSG " : "RMSG ";
    }
    if (form.accounts) {
        append(out, account, ' ');
    }
    out += subject;
}

void append_message_rest(std::string& out, std::string_view reply, std::string_view queues,
                         bool two_sizes, std::size_t header_bytes, std::size_t total_bytes) {
    if (!queues.empty()) {
        append(out, reply.empty() ? " |" : " + ", reply, ' ', queues);
    } else if (!reply.empty()) {
        append(out, ' ', reply);
    }
    if (two_sizes) {
        append(out, ' ', header_bytes);
    }
    append(out, ' ', total_bytes, "\r\n");
}

void append_interest(std::string& out, PeerForm const& form, PeerInterest const& interest) {
    out += interest.by_leaf ? "LS+ " : "RS+ ";
    append_place(out, form, interest, names_origins(form, interest));
    if (!interest.queue.empty()) {
        append(out, ' ', interest.weight);
    }
    out += "\r\n";
}

void append_no_interest(std::string& out, PeerForm const& form, PeerInterest const& interest) {
    out += interest.by_leaf ? "LS- " : "RS- ";
    append_place(out, form, interest, names_origins(form, interest) && form.origin_in_removal);
    out += "\r\n";
}

}  // namespace signalbox::protocol
