#pragma once

#include "engine/host/remote_documents.h"

#include <cstddef>
#include <optional>
#include <string>

namespace signalbox::host {

/// Puts the pages of a server's list of connections together. Each begins with the last of the one
/// before: when it is another, somebody went meanwhile, and the list is taken for one that was cut,
/// so that nobody is thought gone who is only not in it.
class ConnectionPages {
public:
    /// Not more are asked for of one server.
    static constexpr std::size_t kMost = 16'384;

    /// Adds a page. A list that is whole, or as long as it may be; nothing: `next` is to be asked
    /// for.
    std::optional<ConnectionsDocument> add(ConnectionsDocument page);

    /// Where the page begins that is wanted next; 0: the first.
    std::size_t next() const { return next_; }

    /// The page that was asked for does not come, and neither does the rest.
    void give_up() { *this = {}; }

private:
    ConnectionsDocument so_far_;
    std::size_t next_ = 0;
    bool broken_ = false;  ///< A page did not go on where the one before ended.
};

}  // namespace signalbox::host
