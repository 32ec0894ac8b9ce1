#pragma once

#include "engine/host/jetstream/jetstream_order.h"

#include "gui/models/jetstream/fact_rows.h"

#include <QString>

namespace signalbox::gui {

/// One object of a store, as its description says.
struct ObjectRow {
    QString name;
    QString description;
    quint64 size = 0;
    quint64 chunks = 0;
    QString nuid;
    QString digest;
    QString link;  ///< What it stands for; empty: it is no link.
    bool deleted = false;
    base::WallTime changed;
    QString json;  ///< The whole description.
};

/// None: that message describes no object.
std::optional<ObjectRow> readObject(host::StoredMessage const& message);

/// The objects of a store.
class ObjectModel : public FactRows<ObjectRow> {
    Q_OBJECT

public:
    enum Column {
        Name,
        Size,
        Changed,
        Chunks,
        Description,
        Digest,
    };

    using FactRows::FactRows;

protected:
    Key keyOf(ObjectRow const& row) const override { return qHash(row.name); }
    std::vector<FactColumn> const& columns() const override { return columns_; }
    QString text(ObjectRow const& row, int column) const override;
    std::partial_ordering compare(ObjectRow const& a, ObjectRow const& b,
                                  int column) const override;
    bool matches(ObjectRow const& row, QString const& filter) const override;
    Tone tone(ObjectRow const& row, int column) const override;
    Badges badges(ObjectRow const& row, int column) const override;

private:
    std::vector<FactColumn> const columns_{
        {tr("Name")},         {tr("Size"), true},  {tr("Changed")},
        {tr("Chunks"), true}, {tr("Description")}, {tr("Digest")},
    };
};

}  // namespace signalbox::gui
