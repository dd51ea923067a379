# frozen_string_literal: true

module Bench
  # Prints what a row has shown.
  #
  # A ratio is the median of the ratios within the rounds: what disturbs the machine for longer than a
  # round disturbs both sides of it.
  class Table
    SCALES = [[1, "s"], [1e-3, "ms"], [1e-6, "us"], [1e-9, "ns"]].freeze
    WIDTH = 42

    def initialize(row, seats)
      @row = row
      @figures = seats.to_h { |seat| [seat.contender, row.figures(seat)] }
      @ours = @figures.find { |contender, _| contender.role == :ours }
      @factor, @unit = scale
    end

    def print
      puts "", @row.name, heading
      @figures.each { |contender, figures| puts line(contender, figures) }
      @row.goals.each { |goal| puts verdict(goal) }
      $stdout.flush
    end

    private

    def heading
      format("  %-#{WIDTH}<name>s %10<median>s %10<min>s %10<max>s  %<unit>-6s %<ratio>s",
             name: "", median: "median", min: "min", max: "max", unit: @unit, ratio: "of minigun's")
    end

    def line(contender, figures)
      name = contender.role == :limit ? "#{contender.name} (limit)" : contender.name
      values = [median(figures), figures.min, figures.max].map { |value| shown(value).rjust(10) }.join(" ")
      ratio = @ours && contender != @ours.first ? "#{digits(ratio(figures, @ours.last))}x" : ""
      format("  %-#{WIDTH}<name>s %<values>s         %<ratio>s", name: name, values: values, ratio: ratio).rstrip
    end

    def verdict(goal)
      kind, figure, other = goal.to_a
      got = reached(goal)
      return "  #{other || "minigun"}: not measured" unless got

      text = case kind
             when :at_most then "minigun takes #{digits(got)}x of #{other}; goal at most #{figure}x"
             when :faster then "#{other} takes #{digits(got)}x of minigun; goal at least #{figure}x"
             else "minigun takes #{shown(got)} #{@unit}; goal at most #{shown(figure)} #{@unit}"
             end
      met = kind == :faster ? got >= figure : got <= figure
      "  #{met ? "reached" : "MISSED "}  #{text}"
    end

    def reached(goal)
      return median(@ours.last) if goal.kind == :below

      theirs = @figures.find { |contender, _| contender.name == goal.other }&.last
      return unless theirs

      goal.kind == :at_most ? ratio(@ours.last, theirs) : ratio(theirs, @ours.last)
    end

    def ratio(left, right) = median(left.zip(right).map { |one, other| one.fdiv(other) })

    def median(values)
      sorted = values.sort
      (sorted[(sorted.size - 1) / 2] + sorted[sorted.size / 2]) / 2.0
    end

    def scale
      return [1, @row.unit.to_s] unless @row.unit == :time

      typical = median((@ours || @figures.first).last)
      SCALES.find { |factor, _| typical >= factor } || SCALES.last
    end

    def shown(value) = digits(value / @factor)

    def digits(value)
      format(value.abs >= 100 ? "%.0f" : "%.3g", value)
    end
  end
end
