#pragma once

#include "engine/host/jetstream/jetstream_order.h"

#include "gui/models/jetstream/fact_rows.h"

#include <QHash>

namespace signalbox::gui {

/// What the newest message on a key says of it.
enum class KeyState {
    Unknown,  ///< Not read yet.
    Value,
    Deleted,
    Purged,
    Expired,
};
KeyState keyState(host::StoredMessage const& message);

struct KeyRow {
    std::string key;
    quint64 values = 0;  ///< Kept of it, markers included.
};

/// The keys of a bucket. What a key holds is read when it comes into view, and told here.
class KeyModel : public FactRows<KeyRow> {
    Q_OBJECT

public:
    enum Column {
        Name,
        Value,
        Revision,
        Changed,
        Size,
        Kept,
    };

    using FactRows::FactRows;

    void setNow(qint64 milliseconds) { nowMs_ = milliseconds; }
    void learn(std::string const& key, host::StoredMessagePtr message);
    /// Rearranged by what was learned.
    void learned() { arrange(); }
    void forgetValues() { values_.clear(); }
    host::StoredMessagePtr valueOf(std::string const& key) const {
        return values_.value(QByteArray::fromStdString(key));
    }
    bool knows(std::string const& key) const {
        return values_.contains(QByteArray::fromStdString(key));
    }

protected:
    Key keyOf(KeyRow const& row) const override {
        return static_cast<Key>(std::hash<std::string>()(row.key));
    }
    std::vector<FactColumn> const& columns() const override { return columns_; }
    QString text(KeyRow const& row, int column) const override;
    std::partial_ordering compare(KeyRow const& a, KeyRow const& b, int column) const override;
    bool matches(KeyRow const& row, QString const& filter) const override;
    Tone tone(KeyRow const& row, int column) const override;
    Badges badges(KeyRow const& row, int column) const override;

private:
    std::vector<FactColumn> const columns_{
        {tr("Key")},           {tr("Value")},      {tr("Revision"), true},
        {tr("Changed"), true}, {tr("Size"), true}, {tr("Kept"), true},
    };
    QHash<QByteArray, host::StoredMessagePtr> values_;
    qint64 nowMs_ = 0;
};

}  // namespace signalbox::gui
