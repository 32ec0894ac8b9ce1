#pragma once

#include "engine/host/jetstream/stored_facts.h"

#include "gui/models/jetstream/fact_rows.h"

namespace signalbox::gui {

using StreamPtr = std::shared_ptr<host::StreamFacts const>;

/// The streams of an account.
class StreamModel : public FactRows<StreamPtr> {
    Q_OBJECT

public:
    enum Column {
        Name,
        Subjects,
        Messages,
        Bytes,
        First,
        Last,
        LastTime,
        Consumers,
        Storage,
        Retention,
        Limits,
        Replicas,
        Gaps,
    };

    using FactRows::FactRows;

    /// Against which ages are told.
    void setNow(qint64 milliseconds) { nowMs_ = milliseconds; }

    /// The one of that name, or none.
    StreamPtr find(QString const& name) const;

protected:
    Key keyOf(StreamPtr const& row) const override;
    std::vector<FactColumn> const& columns() const override { return columns_; }
    QString text(StreamPtr const& row, int column) const override;
    QString tip(StreamPtr const& row, int column) const override;
    std::partial_ordering compare(StreamPtr const& a, StreamPtr const& b,
                                  int column) const override;
    bool matches(StreamPtr const& row, QString const& filter) const override;
    Tone tone(StreamPtr const& row, int column) const override;
    Badges badges(StreamPtr const& row, int column) const override;
    std::optional<double> fraction(StreamPtr const& row, int column) const override;

private:
    std::vector<FactColumn> const columns_{
        {tr("Name")},
        {tr("Subjects")},
        {tr("Messages"), true},
        {tr("Bytes"), true},
        {tr("First"), true},
        {tr("Last"), true},
        {tr("Last message"), true},
        {tr("Consumers"), true},
        {tr("Storage")},
        {tr("Retention")},
        {tr("Limits")},
        {tr("Replicas"), true},
        {tr("Gaps"), true},
    };
    qint64 nowMs_ = 0;
};

}  // namespace signalbox::gui
