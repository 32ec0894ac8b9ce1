#include "gui/widgets/stat_card.h"

#include "gui/widgets/sparkline.h"

#include <QPainter>

namespace signalbox::gui {

namespace {

constexpr std::size_t kTrailLength = 120;

}  // namespace

StatCard::StatCard(Theme const& theme, QString const& title, std::size_t seriesColor,
                   QWidget* parent)
    : QAbstractButton(parent), theme_(theme), title_(title), seriesColor_(seriesColor) {
    setAccessibleName(title);
    setText(title);
    setCursor(Qt::PointingHandCursor);
    setFocusPolicy(Qt::StrongFocus);
    setAttribute(Qt::WA_Hover);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
    connect(&theme_, &Theme::changed, this, [this] { update(); });
}

void StatCard::show(QString const& figure, QString const& under, Tone tone) {
    if (figure == figure_ && under == under_ && tone == tone_) {
        return;
    }
    figure_ = figure;
    under_ = under;
    tone_ = tone;
    setToolTip(QStringLiteral("%1: %2\n%3").arg(title_, figure, under));
    update();
}

void StatCard::setTrail(Trail trail) {
    trail_ = std::move(trail);
    update();
}

void StatCard::paintEvent(QPaintEvent* /*event*/) {
    ThemeTokens const& tokens = theme_.tokens();
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(hasFocus() ? tokens.accent : tokens.border);
    painter.setBrush(underMouse() ? tokens.hover : tokens.base);
    painter.drawRoundedRect(QRectF(rect()).adjusted(0.5, 0.5, -0.5, -0.5), 8, 8);

    QRect const inner = rect().adjusted(14, 11, -14, -10);
    painter.setFont(Theme::scaled(0.95));
    painter.setPen(tokens.muted);
    painter.drawText(inner, Qt::AlignLeft | Qt::AlignTop, title_);

    QFont const large = Theme::scaled(1.9, QFont::DemiBold);
    painter.setFont(large);
    painter.setPen(theme_.color(tone_));
    QRect const figure = inner.adjusted(0, 19, 0, 0);
    painter.drawText(figure, Qt::AlignLeft | Qt::AlignTop, figure_);
    int const figureWidth = painter.fontMetrics().horizontalAdvance(figure_);

    painter.setFont(Theme::scaled(0.9));
    painter.setPen(tokens.muted);
    painter.drawText(inner, Qt::AlignLeft | Qt::AlignBottom,
                     painter.fontMetrics().elidedText(under_, Qt::ElideRight, inner.width()));

    QRectF const spark(inner.left() + figureWidth + 14, inner.top() + 22,
                       inner.width() - figureWidth - 14, 26);
    if (spark.width() > 40) {
        paintSparkline(painter, spark, trail_, kTrailLength, tokens.series[seriesColor_]);
    }
}

}  // namespace signalbox::gui
