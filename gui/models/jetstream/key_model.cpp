#include "gui/models/jetstream/key_model.h"

#include "gui/models/figures.h"
#include "gui/models/jetstream/stored_message_model.h"
#include "gui/models/payload_text.h"

namespace signalbox::gui {

KeyState keyState(host::StoredMessage const& message) {
    for (auto const& [name, value] : headerFields(message.headers)) {
        if (name == QLatin1String("KV-Operation")) {
            return value == QLatin1String("PURGE") ? KeyState::Purged
                   : value == QLatin1String("DEL") ? KeyState::Deleted
                                                   : KeyState::Value;
        }
        if (name == QLatin1String("Nats-Marker-Reason")) {
            return value == QLatin1String("Remove") ? KeyState::Deleted : KeyState::Expired;
        }
    }
    return KeyState::Value;
}

void KeyModel::learn(std::string const& key, host::StoredMessagePtr message) {
    values_.insert(QByteArray::fromStdString(key), std::move(message));
}

QString KeyModel::text(KeyRow const& row, int column) const {
    host::StoredMessagePtr const value = valueOf(row.key);
    switch (column) {
        case Name:
            return wireText(row.key);
        case Kept:
            return exactCount(row.values);
        default:
            break;
    }
    if (!value) {
        return column == Value && !knows(row.key) ? QStringLiteral("…") : QString();
    }
    switch (column) {
        case Value:
            return payloadPreview(value->payload);
        case Revision:
            return exactCount(value->sequence);
        case Changed:
            return ago(nowMs_ - millisecondsOf(value->time));
        case Size:
            return shortBytes(static_cast<double>(value->payload.size()));
        default:
            return {};
    }
}

std::partial_ordering KeyModel::compare(KeyRow const& a, KeyRow const& b, int column) const {
    host::StoredMessagePtr const left = valueOf(a.key);
    host::StoredMessagePtr const right = valueOf(b.key);
    bool const both = left && right;
    switch (column) {
        case Kept:
            return a.values <=> b.values;
        case Revision:
            return both ? left->sequence <=> right->sequence : left.get() <=> right.get();
        case Changed:
            return both ? right->time <=> left->time : left.get() <=> right.get();
        case Size:
            return both ? left->payload.size() <=> right->payload.size()
                        : left.get() <=> right.get();
        default:
            return a.key <=> b.key;
    }
}

bool KeyModel::matches(KeyRow const& row, QString const& filter) const {
    return wireText(row.key).contains(filter, Qt::CaseInsensitive);
}

Tone KeyModel::tone(KeyRow const& row, int column) const {
    host::StoredMessagePtr const value = valueOf(row.key);
    bool const gone = value && keyState(*value) != KeyState::Value;
    return gone || column == Kept || column == Changed ? Tone::Muted : Tone::Plain;
}

Badges KeyModel::badges(KeyRow const& row, int column) const {
    host::StoredMessagePtr const value = valueOf(row.key);
    if (column != Name || !value) {
        return {};
    }
    switch (keyState(*value)) {
        case KeyState::Deleted:
            return {{tr("deleted"), Tone::Warning}};
        case KeyState::Purged:
            return {{tr("purged"), Tone::Warning}};
        case KeyState::Expired:
            return {{tr("expired"), Tone::Muted}};
        case KeyState::Unknown:
        case KeyState::Value:
            break;
    }
    return {};
}

}  // namespace signalbox::gui
