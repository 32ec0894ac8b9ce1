#pragma once

#include "engine/host/jetstream/stored_facts.h"

#include "gui/models/jetstream/fact_rows.h"

namespace signalbox::gui {

using ConsumerPtr = std::shared_ptr<host::ConsumerFacts const>;

/// Why a consumer gets no further, in a sentence; empty: it does, or there is nothing to deliver.
QString stuckReason(host::ConsumerFacts const& consumer, base::WallTime now);

/// The settings and state of a consumer as HTML, for a person.
QString consumerHtml(host::ConsumerFacts const& consumer, base::WallTime now);

/// The consumers of a stream.
class ConsumerModel : public FactRows<ConsumerPtr> {
    Q_OBJECT

public:
    enum Column {
        Name,
        Filters,
        Pending,
        AckPending,
        Redelivered,
        Waiting,
        Delivered,
        AckFloor,
        LastDelivery,
        LastAck,
        Acks,
    };

    using FactRows::FactRows;

    void setNow(base::WallTime now) { now_ = now; }
    /// How many messages the stream has, which pending ones are part of.
    void setMessages(quint64 messages) { messages_ = messages; }

protected:
    Key keyOf(ConsumerPtr const& row) const override;
    std::vector<FactColumn> const& columns() const override { return columns_; }
    QString text(ConsumerPtr const& row, int column) const override;
    QString tip(ConsumerPtr const& row, int column) const override;
    std::partial_ordering compare(ConsumerPtr const& a, ConsumerPtr const& b,
                                  int column) const override;
    bool matches(ConsumerPtr const& row, QString const& filter) const override;
    Tone tone(ConsumerPtr const& row, int column) const override;
    Badges badges(ConsumerPtr const& row, int column) const override;
    std::optional<double> fraction(ConsumerPtr const& row, int column) const override;

private:
    std::vector<FactColumn> const columns_{
        {tr("Name")},
        {tr("Filters")},
        {tr("Pending"), true},
        {tr("Ack pending"), true},
        {tr("Redelivered"), true},
        {tr("Pulls waiting"), true},
        {tr("Delivered"), true},
        {tr("Ack floor"), true},
        {tr("Last delivery"), true},
        {tr("Last ack"), true},
        {tr("Acks")},
    };
    base::WallTime now_;
    quint64 messages_ = 0;
};

}  // namespace signalbox::gui
